export {
  decodeContents,
  encodeContents,
  type SignedOperation,
  type SyncContent,
  type SyncMessage,
} from './contents.ts';
export { coveredToken, coversMessage, deleteAllReach, revocationId, verifyOperation } from './operation.ts';
export {
  BUCKET_LEVEL,
  BUCKETS,
  bucketOf,
  bucketsOf,
  decodeRanges,
  decodeSummaries,
  EVERYTHING,
  encodeRanges,
  encodeSummaries,
  MOST_RANGES,
  partsOf,
  type RangeSummary,
  type SyncRange,
} from './range.ts';
export {
  addFingerprint,
  decodeIds,
  decodeStates,
  encodeIds,
  encodeStates,
  isNewerState,
  isRevocation,
  kindNumber,
  kindOfNumber,
  type SyncKind,
  type SyncState,
} from './state.ts';
