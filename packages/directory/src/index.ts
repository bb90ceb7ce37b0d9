export {
  acceptDirectory,
  basisOf,
  type DirectoryState,
  GRACE_AFTER_END,
  type HistoryEntry,
  initialState,
  rememberConflict,
  type VerifiedDirectory,
  validityOf,
} from './acceptance.ts';
export { type AuthorityOptions, type RunningAuthority, startAuthority } from './authority.ts';
export { createAuthorityKey, loadAuthorityKey } from './authority-key.ts';
export { type Certificate, loadOrCreateCertificate } from './certificate.ts';
export type { ChainSeed } from './chain/chain-file.ts';
export {
  agreedList,
  type ChainList,
  chainNodeList,
  joinedChainList,
  parseChainList,
  serializeChainList,
} from './chain/chain-list.ts';
export { type AdmittedNode, type Composition, composeDirectory } from './compose.ts';
export {
  ADDRESS_PATH,
  DESCRIPTOR_PATH,
  MAXIMUM_DESCRIPTOR_BYTES,
  type NodeDescriptor,
  signDescriptor,
  verifyDescriptor,
} from './descriptor.ts';
export { DirectoryError, type DirectoryErrorCode } from './errors.ts';
export {
  crossCheckDirectory,
  type DirectoryFetcher,
  type FollowOptions,
  followDirectory,
  httpsFetcher,
  refreshDirectory,
  refreshFromMirrors,
} from './fetch.ts';
export { DIRECTORY_PATH, type DirectoryReply, directoryDigest, directoryReply } from './http-directory.ts';
export { createInvite, type Invite, inviteBytes, inviteText, verifyInvite } from './invite.ts';
export { agreedSuccession, type Merged, type MergeInput, mergeVotes } from './merge-votes.ts';
export {
  type AnyNetworkFile,
  type ChainNetworkFile,
  isChainNetwork,
  type NetworkAuthority,
  type NetworkFile,
  type NetworkFileServer,
  networkId,
  parseAnyNetworkFile,
  parseNetworkFile,
  serializeNetworkFile,
} from './network-file.ts';
export { isNetworkLink, networkLink, parseNetworkLink } from './network-link.ts';
export { NodeList, type NodeSource } from './node-source.ts';
export { type OxendAddress, parseOxendAddress } from './oxend/address.ts';
export { parseNodeSecrets } from './oxend/node-secrets.ts';
export { callOxend, type OxendOutcome, type OxendRequest, parseOxendJson } from './oxend/rpc.ts';
export { serviceNodesParams } from './oxend/service-nodes.ts';
export { OxendSource } from './oxend/source.ts';
export type { JoinRule, NetworkParameters } from './parameters.ts';
export {
  MAXIMUM_ROUND_MESSAGE_BYTES,
  ROUND_PATH,
  type RoundMessage,
  signRoundMessage,
  verifyRoundMessage,
  votesDigest,
} from './round-message.ts';
export {
  answerSeedRequest,
  MAXIMUM_SEED_REQUEST_BYTES,
  type SeedReply,
  type ServiceNodesResult,
  serviceNodes,
} from './seed-answer.ts';
export {
  assembleDirectory,
  type Directory,
  type DirectorySignature,
  directorySignature,
  encodeDirectory,
  isSignatureValid,
  MAXIMUM_DIRECTORY_BYTES,
  MAXIMUM_NODES,
  signDirectory,
} from './signed-directory.ts';
export { fileStorage, replaceFile, type StateStorage } from './storage.ts';
export { DirectoryStore, type DirectoryStoreOptions } from './store.ts';
export {
  assembleSuccession,
  type DecidingAuthorities,
  decidingAfter,
  encodeSuccession,
  firstDeciding,
  readSuccession,
  requireContinuation,
  type Succession,
  signSuccession,
  succeed,
  successionSigners,
} from './succession.ts';
export { type Claim, signVote, type Vote, type VoteContent, type VotedNode, verifyVote } from './vote.ts';
