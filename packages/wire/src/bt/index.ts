export {
  atEnd,
  type Cursor,
  cursorOver,
  enter,
  skipValue,
  takeBytes,
  takeInteger,
  takeLatin1,
} from './cursor.ts';
export { decodeBt } from './decode.ts';
export { encodeBt } from './encode.ts';
export { decodeNotification, encodeNotification, type MessageNotification } from './notification.ts';
export { decodePushBatch, encodePushBatches, type PushedMessage } from './push-batch.ts';
export { BtDictReader, type BtIntegerType, BtListReader, type BtNext } from './reader.ts';
export { decodeStreamRequest, encodeStreamRequest, type StreamRequest } from './stream-request.ts';
export type { BtDict, BtInput, BtValue } from './value.ts';
