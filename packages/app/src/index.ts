export { BUILT_PAGE, buildPage } from './host/build-page.ts';
export type { Host, HostLog } from './host/host.ts';
export { HostError, type HostErrorCode } from './host/host-error.ts';
export type { AppRouter } from './host/router.ts';
export { type StartHostOptions, startHost } from './host/start-host.ts';
