import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { WireError } from '../errors.ts';
import { type Content, ContentSchema } from './generated/content_pb.ts';
import { decodeStrictly, encodeStrictly, MAX_STORED_BYTES } from './strict-protobuf.ts';

/** What {@link encodeContent} takes: plain objects for nested messages; absent fields are left out. */
export type ContentInit = MessageInitShape<typeof ContentSchema>;

/**
 * Reads the content of a message, without its padding (messages §3). Fields that are absent read as zero values;
 * `isFieldSet` of `@bufbuild/protobuf` tells them apart. Byte fields may share memory with `bytes`.
 * @throws WireError `content` for more than 76,800 bytes, malformed bytes or a missing required field.
 */
export function decodeContent(bytes: Uint8Array): Content {
  return decodeStrictly(ContentSchema, bytes, 'content');
}

/**
 * Writes the content of a message (messages §3). Unknown fields are never written.
 * @throws WireError `content` if a required field is missing, a value does not fit its type, or the result has more
 * than 76,800 bytes.
 */
export function encodeContent(content: ContentInit): Uint8Array {
  const bytes = encodeStrictly(ContentSchema, create(ContentSchema, content), 'content');
  if (bytes.length > MAX_STORED_BYTES) throw new WireError('content', 'a Content has at most 76800 bytes');
  return bytes;
}
