import { create, type DescField, type DescMessage, isFieldSet, type Message, ScalarType } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { bytesToHex, hexToBytes } from '../bytes/index.ts';
import { WireError } from '../errors.ts';
import { loadVectors } from '../vectors-loader/index.ts';
import { file_content } from './generated/content_pb.ts';
import { file_envelope } from './generated/envelope_pb.ts';
import { acceptContent, type Content, ContentSchema, decodeContent, encodeContent } from './index.ts';
import { decodeStrictly } from './strict-protobuf.ts';

type Json = { readonly [name: string]: unknown };
type Verdict = { readonly json: Json } | { readonly error: string };
type Case =
  | { readonly kind: 'content'; readonly name: string; readonly hex: string; readonly json: Json }
  | {
      readonly kind: 'decode';
      readonly type: string;
      readonly name: string;
      readonly hex: string;
      readonly expected: Verdict;
      readonly required?: Verdict | 'decode succeeds' | 'no effect';
    };

const { cases } = loadVectors<{ readonly cases: readonly Case[] }>('messages-proto');

/** Fields that the vectors call by the name of another client. */
const NAMES_IN_VECTORS: Record<string, string> = {
  'AttachmentPointer.id': 'deprecatedId',
  'LokiProfile.lastUpdateSeconds': 'lastProfileUpdateSeconds',
};

for (const vector of cases) test(`${vector.kind} ${vector.name}`, () => check(vector));

function check(vector: Case): void {
  switch (vector.kind) {
    case 'content':
      checkContent(vector);
      break;
    case 'decode':
      checkVerdict(vector);
      break;
    default:
      throw new Error(`unknown kind of case: ${(vector as { kind: string }).kind}`);
  }
}

function checkContent({ hex, json }: Case & { kind: 'content' }): void {
  const content = decodeContent(hexToBytes(hex));
  expect(toJson(ContentSchema, content)).toEqual(json);
  expect(bytesToHex(encodeContent(content))).toBe(hex);
  expect(bytesToHex(encodeContent(fromJson(ContentSchema, json) as Content))).toBe(hex);
}

function checkVerdict({ type, hex, expected, required }: Case & { kind: 'decode' }): void {
  const decode = () => decodeType(type, hexToBytes(hex));
  if (required === 'decode succeeds') {
    decode();
  } else if (required === 'no effect') {
    expect(effectOf(decode)).toBe('none');
  } else if (typeof required === 'string') {
    throw new Error(`unknown requirement: ${required}`);
  } else {
    const verdict = required ?? expected;
    if ('error' in verdict) expectRefusal(decode, verdict.error);
    else expect(toJson(schemaNamed(type), decode())).toEqual(verdict.json);
  }
}

/** Our words for what the library of the vectors says; the rest of its texts is free. */
function expectRefusal(decode: () => unknown, reference: string): void {
  expect(decode).toThrow(WireError);
  if (reference.includes('missing required')) expect(decode).toThrow(/^missing /);
  if (reference.startsWith('RangeError')) expect(decode).toThrow(/^malformed /);
}

function decodeType(type: string, bytes: Uint8Array): Message {
  return type === 'Content' ? decodeContent(bytes) : decodeStrictly(schemaNamed(type), bytes, 'content');
}

function schemaNamed(type: string): DescMessage {
  const schema = [...file_content.messages, ...file_envelope.messages].find(({ name }) => name === type);
  if (!schema) throw new Error(`unknown type: ${type}`);
  return schema;
}

function effectOf(decode: () => Message): string {
  try {
    const arrival = { sender: `05${'aa'.repeat(32)}`, sentAt: 1, ownAccountId: `05${'bb'.repeat(32)}` };
    const { kind } = acceptContent(decode() as Content, arrival);
    return kind === 'dropped' ? 'none' : kind;
  } catch (error) {
    if (error instanceof WireError) return 'none';
    throw error;
  }
}

/** The JSON of the vectors: 64-bit integers as text, enums as names, bytes as hex, absent fields left out. */
function toJson(schema: DescMessage, message: Message): Json {
  const present = schema.fields.filter((field) => isFieldSet(message, field));
  return Object.fromEntries(
    present.map((field) => {
      const value = (message as unknown as Record<string, unknown>)[field.localName];
      const list = field.fieldKind === 'list' ? (value as unknown[]) : undefined;
      return [nameInVectors(field), list ? list.map((item) => valueToJson(field, item)) : valueToJson(field, value)];
    }),
  );
}

function valueToJson(field: DescField, value: unknown): unknown {
  if (field.message) return toJson(field.message, value as Message);
  if (field.enum) return field.enum.value[value as number]?.name ?? value;
  if (field.scalar === ScalarType.BYTES) return bytesToHex(value as Uint8Array);
  return typeof value === 'bigint' ? String(value) : value;
}

function fromJson(schema: DescMessage, json: Json): Message {
  const known = schema.fields.filter((field) => nameInVectors(field) in json);
  expect(Object.keys(json)).toHaveLength(known.length);
  return create(
    schema,
    Object.fromEntries(
      known.map((field) => {
        const value = json[nameInVectors(field)];
        return [
          field.localName,
          Array.isArray(value) ? value.map((item) => valueFromJson(field, item)) : valueFromJson(field, value),
        ];
      }),
    ),
  );
}

function valueFromJson(field: DescField, value: unknown): unknown {
  if (field.message) return fromJson(field.message, value as Json);
  if (field.enum) return field.enum.values.find(({ name }) => name === value)?.number ?? value;
  if (field.scalar === ScalarType.BYTES) return hexToBytes(value as string);
  return field.scalar === ScalarType.UINT64 || field.scalar === ScalarType.FIXED64 ? BigInt(value as string) : value;
}

function nameInVectors(field: DescField): string {
  return NAMES_IN_VECTORS[`${field.parent.name}.${field.name}`] ?? field.name;
}
