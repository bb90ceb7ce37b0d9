export { createFileServer, type NewFileServer } from './create-file-server.ts';
export { FilesError, type FilesErrorCode } from './errors.ts';
export type { LogLevel } from './log.ts';
export { loadOrCreateServerKeys } from './server-keys.ts';
export { type FileServerSettings, type GivenSettings, loadSettings } from './settings.ts';
export { type FileServerOptions, type RunningFileServer, startFileServer } from './start-file-server.ts';
