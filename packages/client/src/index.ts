export { type FetchedPreview, makeLinkPreview, type PreviewFetch } from './conversation/link-preview.ts';
export * from './engine.ts';
export type {
  DownloadOptions,
  DownloadPointer,
  FileTransfers,
  PicturePointer,
  TransferOptions,
  UploadedFile,
} from './files/file-transfers.ts';
export { type OpenTransfers, openFileTransfers } from './files/open-file-transfers.ts';
export type { ProgressListener, TransferProgress } from './files/progress.ts';
export { TransferError, type TransferFailure } from './files/transfer-error.ts';
export { askSeeds } from './network/chain/seed-servers.ts';
export { type HttpsTransport, httpsTransport } from './network/https-transport.ts';
export type { ServerFailureReason, ServerPlace } from './network/server-access.ts';
export type { Timings } from './network/timings.ts';
export type { HttpAnswer, HttpLimits, HttpProgress, Transport, TransportFailure } from './network/transport.ts';
export { TransportError } from './network/transport.ts';
export { webFetch } from './network/web-fetch.ts';
export { checkProfile, type ProfileHealth } from './profile/check-profile.ts';
export type { NewProfileOptions, Polling, ProfileOptions } from './profile/options.ts';
export { profileNetworkPath } from './profile/places.ts';
export {
  createProfile,
  openProfile,
  profileState,
  pushSubscriptions,
  restoreProfile,
  setPassphrase,
} from './profile/profiles.ts';
export { type RestoreBackupOptions, restoreBackup } from './profile/restore-backup.ts';
export { PushError, type PushFailureReason } from './push/push-error.ts';
export { PUBLIC_PUSH_SERVER, type PushSubscriptions } from './push/push-subscriptions.ts';
export type { Clock, Logger } from './surroundings.ts';
