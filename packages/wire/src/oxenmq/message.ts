import type { Random } from '../bytes/index.ts';

/** The words with which a receiver refuses a command (node-network §4.2). */
const OXENMQ_ERRORS = ['UNKNOWNCOMMAND', 'FORBIDDEN', 'NOT_A_SERVICE_NODE', 'FORBIDDEN_SN', 'NO_REPLY_TAG'] as const;

export type OxenMqError = (typeof OXENMQ_ERRORS)[number];

/** What a message means; data parts are those of the message, not copies. */
export type OxenMqMessage =
  /** A dialler asks whether we are there; to be answered with {@link HELLO}. */
  | { readonly kind: 'hi' }
  | { readonly kind: 'hello' }
  /** The peer closes a connection that we dialled; a listener ignores it. */
  | { readonly kind: 'bye' }
  | { readonly kind: 'reply'; readonly tag: Uint8Array; readonly data: readonly Uint8Array[] }
  /** The request with this tag was refused. */
  | { readonly kind: 'refusal'; readonly error: OxenMqError; readonly tag: Uint8Array }
  /** A command or request; which of them it is depends on its name, and the name may be any bytes, as latin1 text. */
  | { readonly kind: 'command'; readonly name: string; readonly parts: readonly Uint8Array[] }
  /** Nothing that asks for a reaction: refusals without a tag, replies without a tag, no parts at all. */
  | { readonly kind: 'ignored' };

const TAG_BYTES = 15;
const ROUTING_ID_PREFIX = 0x4c;

const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'latin1'));
const textOf = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');

const REPLY = bytesOf('REPLY');

/** The messages that open an explicit connection. There is none that closes it: BYE must never be sent (§4.3). */
export const HI: readonly Uint8Array[] = [bytesOf('HI')];
export const HELLO: readonly Uint8Array[] = [bytesOf('HELLO')];

/** Tells what a message is (node-network §4.2); any parts are allowed. */
export function classifyMessage(parts: readonly Uint8Array[]): OxenMqMessage {
  const [first, second, third] = parts;
  if (first === undefined) return { kind: 'ignored' };
  const word = textOf(first);
  switch (word) {
    case 'HI':
      return { kind: 'hi' };
    case 'HELLO':
      return { kind: 'hello' };
    case 'BYE':
      return { kind: 'bye' };
    case 'REPLY':
      return second === undefined ? { kind: 'ignored' } : { kind: 'reply', tag: second, data: parts.slice(2) };
  }
  if (!isError(word)) return { kind: 'command', name: word, parts: parts.slice(1) };
  const namesRequest = second !== undefined && third !== undefined && textOf(second) === 'REPLY';
  return namesRequest ? { kind: 'refusal', error: word, tag: third } : { kind: 'ignored' };
}

/** `name` ‖ data, for a command that gets no reply. */
export function encodeCommand(name: string, data: readonly Uint8Array[]): Uint8Array[] {
  return [bytesOf(name), ...data];
}

/** `name` ‖ tag ‖ data; the reply will carry the same tag. */
export function encodeRequest(name: string, tag: Uint8Array, data: readonly Uint8Array[]): Uint8Array[] {
  return [nameBytes(name), tag, ...data];
}

/** The names of requests that were sent, of which a program has a few. */
const sentNames = new Map<string, Uint8Array>();
const MAXIMUM_SENT_NAMES = 64;

function nameBytes(name: string): Uint8Array {
  let bytes = sentNames.get(name);
  if (!bytes) {
    bytes = bytesOf(name);
    if (sentNames.size < MAXIMUM_SENT_NAMES) sentNames.set(name, bytes);
  }
  return bytes;
}

/** `REPLY` ‖ tag ‖ data, which may be none. */
export function encodeReply(tag: Uint8Array, data: readonly Uint8Array[]): Uint8Array[] {
  return [REPLY, tag, ...data];
}

/** The refusal of a request that had a tag; its sender learns of it at once. */
export function encodeRefusal(error: OxenMqError, tag: Uint8Array): Uint8Array[] {
  return [bytesOf(error), REPLY, tag];
}

/** The refusal of anything else; `name` is the command's as received. */
export function encodeCommandRefusal(error: OxenMqError, name: string): Uint8Array[] {
  return [bytesOf(error), bytesOf(name)];
}

/** A fresh tag for a request. */
export function newTag(random: Random): Uint8Array {
  return random(TAG_BYTES);
}

/** The routing id with which a node dials another (node-network §4.1): `L` ‖ its own X25519 key. */
export function nodeRoutingId(x25519Key: Uint8Array): Uint8Array {
  return Uint8Array.of(ROUTING_ID_PREFIX, ...x25519Key);
}

function isError(word: string): word is OxenMqError {
  return (OXENMQ_ERRORS as readonly string[]).includes(word);
}
