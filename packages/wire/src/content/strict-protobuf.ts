import type { DescField, DescMessage, Message, MessageShape } from '@bufbuild/protobuf';
import { fromBinary, isFieldSet, ScalarType, toBinary } from '@bufbuild/protobuf';
import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { FeatureSet_FieldPresence } from '@bufbuild/protobuf/wkt';
import { WireError, type WireErrorCode } from '../errors.ts';

/** The largest data that a swarm stores for one message, in bytes (storage-rpc §8). Nothing inside it can be longer. */
export const MAX_STORED_BYTES = 76_800;

const MAX_VARINT_BYTES = 10;

/**
 * Reads a proto2 message by the rules of messages §3: unknown fields, and known ones with another wire type, are
 * skipped and forgotten; the last value of a single scalar counts; an unknown enum value is an absent field; required
 * fields must be there, in nested messages too. Text that is not UTF-8 is read with replacement characters.
 * Byte fields may share memory with `bytes`.
 * @throws WireError with `code` for more than 76,800 bytes, malformed bytes or a missing required field.
 */
export function decodeStrictly<Schema extends DescMessage>(
  schema: Schema,
  bytes: Uint8Array,
  code: WireErrorCode,
): MessageShape<Schema> {
  if (bytes.length > MAX_STORED_BYTES) throw new WireError(code, `a ${schema.name} has at most 76800 bytes`);
  let message: MessageShape<Schema>;
  try {
    message = fromBinary(schema, keepKnownFields(schema, bytes), { readUnknownFields: false });
  } catch {
    throw new WireError(code, `malformed ${schema.name}`);
  }
  const missing = missingField(schema, message);
  if (missing) throw new WireError(code, `missing ${missing.parent.name}.${missing.name}`);
  return message;
}

/**
 * Writes a message, fields in the order of their numbers; unknown fields are not written.
 * @throws WireError with `code` if a required field, here or in a nested message, is not set or a value does not fit
 * its type.
 */
export function encodeStrictly<Schema extends DescMessage>(
  schema: Schema,
  message: MessageShape<Schema>,
  code: WireErrorCode,
): Uint8Array {
  try {
    return toBinary(schema, message, { writeUnknownFields: false });
  } catch {
    throw new WireError(code, `incomplete ${schema.name}`);
  }
}

/**
 * The bytes without what the protobuf library would misread: it takes known fields of any wire type and lets a nested
 * length reach beyond its parent. Returns `bytes` itself when there is nothing to drop. Throws for malformed bytes.
 */
function keepKnownFields(schema: DescMessage, bytes: Uint8Array): Uint8Array {
  const fields = fieldsByNumber(schema);
  const reader = new BinaryReader(bytes);
  let rewritten: BinaryWriter | undefined;
  while (reader.pos < bytes.length) {
    const start = reader.pos;
    const [number, wireType] = reader.tag();
    const payload = reader.skip(wireType, number);
    checkVarint(wireType, payload);
    const field = fields.get(number);
    const whole = bytes.subarray(start, reader.pos);
    const kept = field && acceptsWireType(field, wireType) ? keepInside(field, wireType, payload, whole) : undefined;
    if (kept === whole) {
      rewritten?.raw(whole);
    } else {
      rewritten ??= new BinaryWriter().raw(bytes.subarray(0, start));
      if (kept) rewritten.tag(number, wireType).bytes(kept);
    }
  }
  return rewritten ? rewritten.finish() : bytes;
}

/** `whole` if nothing inside a field is to be dropped, else what is kept of its message. */
function keepInside(field: DescField, wireType: WireType, payload: Uint8Array, whole: Uint8Array): Uint8Array {
  if (wireType !== WireType.LengthDelimited) return whole;
  const inside = new BinaryReader(payload).bytes();
  if (field.message) {
    const kept = keepKnownFields(field.message, inside);
    return kept === inside ? whole : kept;
  }
  if (isPackable(field)) checkPacked(field, inside);
  return whole;
}

const FIELDS = new WeakMap<DescMessage, ReadonlyMap<number, DescField>>();

function fieldsByNumber(schema: DescMessage): ReadonlyMap<number, DescField> {
  let fields = FIELDS.get(schema);
  if (!fields) {
    fields = new Map(schema.fields.map((field) => [field.number, field]));
    FIELDS.set(schema, fields);
  }
  return fields;
}

function acceptsWireType(field: DescField, wireType: WireType): boolean {
  return wireType === wireTypeOf(field) || (wireType === WireType.LengthDelimited && isPackable(field));
}

function wireTypeOf(field: DescField): WireType {
  if (field.message) return WireType.LengthDelimited;
  switch (field.scalar) {
    case ScalarType.STRING:
    case ScalarType.BYTES:
      return WireType.LengthDelimited;
    case ScalarType.FIXED64:
    case ScalarType.SFIXED64:
    case ScalarType.DOUBLE:
      return WireType.Bit64;
    case ScalarType.FIXED32:
    case ScalarType.SFIXED32:
    case ScalarType.FLOAT:
      return WireType.Bit32;
    default:
      return WireType.Varint;
  }
}

/** Whether several values may stand in one length-delimited field. */
function isPackable(field: DescField): boolean {
  return field.fieldKind === 'list' && !field.message && wireTypeOf(field) !== WireType.LengthDelimited;
}

/** Throws unless the packed values fill the bytes exactly; the library would read the last one beyond the end. */
function checkPacked(field: DescField, bytes: Uint8Array): void {
  const reader = new BinaryReader(bytes);
  while (reader.pos < bytes.length) {
    checkVarint(wireTypeOf(field), reader.skip(wireTypeOf(field)));
  }
}

function checkVarint(wireType: WireType, payload: Uint8Array): void {
  if (wireType === WireType.Varint && payload.length > MAX_VARINT_BYTES) throw new Error('varint too long');
}

/** The first required field that is not set in a message or the messages in it. */
function missingField(schema: DescMessage, message: Message): DescField | undefined {
  for (const field of schema.fields) {
    if (!isFieldSet(message, field)) {
      if (field.presence === FeatureSet_FieldPresence.LEGACY_REQUIRED) return field;
      continue;
    }
    if (!field.message) continue;
    const value = (message as unknown as Record<string, Message | readonly Message[]>)[field.localName]!;
    for (const nested of Array.isArray(value) ? value : [value]) {
      const missing = missingField(field.message, nested);
      if (missing) return missing;
    }
  }
  return undefined;
}
