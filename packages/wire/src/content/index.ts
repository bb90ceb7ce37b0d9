export { type ContentInit, decodeContent, encodeContent } from './codec.ts';
export { type Expiry, expiryOf } from './expiry.ts';
export * from './generated/content_pb.ts';
export { MAX_DISPLAY_NAME_BYTES, profileOf, type ReceivedProfile } from './profile.ts';
export {
  type AcceptedContent,
  type Arrival,
  acceptContent,
  type ContentKind,
  type ContentPart,
  classifyContent,
  type DroppedContent,
  type DropReason,
  type MessageReference,
  type VisibleMessage,
} from './rules.ts';
export { countCodePoints, cutToCodePoints, isBlank, MAX_BODY_RECEIVED, MAX_BODY_SENT } from './text.ts';
