export {
  acceptDirectory,
  type DecidingAuthorities,
  type DirectoryState,
  GRACE_AFTER_END,
  initialState,
  type VerifiedDirectory,
  validityOf,
} from './acceptance.ts';
export { type AuthorityOptions, type RunningAuthority, startAuthority } from './authority.ts';
export { createAuthorityKey, loadAuthorityKey } from './authority-key.ts';
export { type Certificate, loadOrCreateCertificate } from './certificate.ts';
export { type AdmittedNode, type Composition, composeDirectory } from './compose.ts';
export { DirectoryError, type DirectoryErrorCode } from './errors.ts';
export {
  type DirectoryFetcher,
  type FollowOptions,
  followDirectory,
  httpsFetcher,
  refreshDirectory,
} from './fetch.ts';
export { DIRECTORY_PATH, type DirectoryReply, directoryDigest, directoryReply } from './http-directory.ts';
export {
  type NetworkAuthority,
  type NetworkFile,
  networkId,
  parseNetworkFile,
  serializeNetworkFile,
} from './network-file.ts';
export { NodeList, type NodeSource } from './node-source.ts';
export type { JoinRule, NetworkParameters } from './parameters.ts';
export {
  answerSeedRequest,
  MAXIMUM_SEED_REQUEST_BYTES,
  type SeedReply,
  type ServiceNodesResult,
  serviceNodes,
} from './seed-answer.ts';
export { type Directory, MAXIMUM_DIRECTORY_BYTES, signDirectory } from './signed-directory.ts';
export { fileStorage, replaceFile, type StateStorage } from './storage.ts';
export { DirectoryStore, type DirectoryStoreOptions } from './store.ts';
