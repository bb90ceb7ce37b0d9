export { conditionHolds, MAXIMUM_BATCH_SIZE, type NodeState } from './batch.ts';
export * from './build.ts';
export {
  type Answer,
  batchOf,
  btParams,
  checkRequest,
  forwardedParams,
  isSwarmRequest,
  type JsonRequest,
  jsonRequest,
  METHODS,
  parseAnswer,
  parseForwardedRequest,
  parseRequest,
  type ReplyOf,
  signedBytes,
} from './catalogue.ts';
export { type DeleteMember, deleteMemberBytes } from './endpoints/delete.ts';
export { type DeleteAllMember, deleteAllMemberBytes } from './endpoints/delete-all.ts';
export { deleteBeforeMemberBytes } from './endpoints/delete-before.ts';
export {
  clampExpiry,
  type ExpireMember,
  type ExpireOutcome,
  effectiveExpireMode,
  expireMemberBytes,
} from './endpoints/expire.ts';
export { type ExpireAllMember, expireAllMemberBytes } from './endpoints/expire-all.ts';
export type { InfoReply, OxendReply } from './endpoints/network.ts';
export { MAXIMUM_WAIT, type RetrieveReply, type StoredMessage } from './endpoints/retrieve.ts';
export {
  MAXIMUM_REVOCATIONS,
  type RevokedSubaccountsReply,
  type RevokeMember,
  revokeMemberBytes,
} from './endpoints/revoke.ts';
export { MAXIMUM_MESSAGE_SIZE, type StoreMember, type StoreReply, storeMemberBytes } from './endpoints/store.ts';
export { type Envelope, readEnvelope, readOmqParams } from './envelope.ts';
export { RpcFailure } from './failure.ts';
export { SYNC_FEATURE, WAIT_FEATURE } from './features.ts';
export {
  type HashesByNamespace,
  type MemberFailure,
  type MemberSuccess,
  type SwarmAnswer,
  verifyMember,
} from './member.ts';
export { isMessageHash, messageHash } from './message-hash.ts';
export {
  foreignMonitorReply,
  isMonitorFailure,
  MONITOR_DURATION,
  type MonitorErrorCode,
  type MonitorFailure,
  type Monitoring,
  type MonitorOutcome,
  type MonitorRequest,
  monitorReply,
  monitorSignedBytes,
  parseMonitor,
} from './monitor.ts';
export { type NamespaceRules, namespaceRules, TEST_NAMESPACE } from './namespace.ts';
export { type JsonReply, parseMemberReply, type ReplyValue, toBt, toJson } from './reply.ts';
export type { Stamp } from './reply-reader.ts';
export type * from './request.ts';
export { type IfElseReply, parseBatchReply, parseIfElseReply, type RpcResult, readResult } from './result.ts';
export { accountSigner, memberSigner, type RequestSigner } from './signer.ts';
export { type Subscriber, Subscriptions } from './subscriptions.ts';
export type { SwarmNode, SwarmReply } from './swarm-object.ts';
export type { CheckContext } from './verify.ts';
