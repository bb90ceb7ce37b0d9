export {
  buildOnion,
  type NodeDestination,
  type Onion,
  type OnionNode,
  type OnionRequest,
  type ServerDestination,
} from './build-onion.ts';
export type { LayerKey } from './cipher.ts';
export { type EdgeRequest, MAX_ONION_BYTES, parseEdgeBody, type SealedLayer } from './edge-body.ts';
export { ALL_TYPES, AUTHENTICATED_TYPES, type EncryptionType } from './encryption-type.ts';
export { type AnswerOrigin, classifyGuardAnswer, type GuardVerdict } from './guard-answer.ts';
export { decodeHopMessage, encodeHopMessage, type HopMessage, MAX_HOP_NUMBER } from './hop-message.ts';
export type { FinalRequest, NodeRelay, ServerRelay } from './inner-request.ts';
export { type BuiltLayer, buildLayer, type PeeledLayer, peelLayer } from './layer.ts';
export {
  type AnswerForm,
  DEFAULT_ANSWER_FORM,
  INVALID_JSON,
  INVALID_URL,
  type NodeAnswer,
  type NodeReply,
  sealNodeReply,
} from './node-reply.ts';
export { classifyNodeReply, type NodeVerdict } from './node-verdict.ts';
export { type CombinedPayload, decodePayload, encodePayload } from './payload.ts';
export { isPrivateAddress } from './private-address.ts';
export { isAllowedTarget, isPublicHostName, serverUrl } from './server-address.ts';
export { openServerBody, type ServerRequest, sealServerReply } from './server-body.ts';
export { decodeV3Request, encodeV3Reply, type V3Request, type V3ServerKind } from './v3.ts';
export { decodeV4Reply, encodeV4Reply, INVALID_V4_REPLY, type V4Answer, type V4Reply } from './v4-reply.ts';
export { decodeV4Request, encodeV4Request, type ReceivedV4Request, type V4Request } from './v4-request.ts';
