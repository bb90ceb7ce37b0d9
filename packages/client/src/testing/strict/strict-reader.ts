import { type Account, accountIdFromEd25519 } from '@sotto/wire/account';
import { concatBytes } from '@sotto/wire/bytes';
import { blake2b, boxOpen, ed25519Verify } from '@sotto/wire/crypto';
import { type ContentKind, checkContent } from './rules.ts';
import { type Fields, readTable } from './table.ts';
import { CONTENT, STORED } from './tables.ts';

const BLOCK = 160;

/** A message that keeps every rule. */
export interface StrictMessage {
  readonly kind: ContentKind;
  readonly sender: string;
  /** ms. */
  readonly sentAt: number;
  /** To the sender's own devices. */
  readonly isCopy: boolean;
}

/**
 * Reads a message of ours as the strictest client could: by the tables and rules of the chapter alone, without the code
 * that wrote it. `ttl`: for how long it was stored, ms.
 * @throws Error that says which rule is broken.
 */
export function readStrictly(data: Uint8Array, recipient: Account, ttl: number): StrictMessage {
  const { type, request } = readTable(STORED, data) as { type: bigint; request: Fields };
  const { verb, path, requestId, body } = request as { verb: string; path: string; requestId: bigint; body: Fields };
  must(type === 1n && verb === '' && path === '' && requestId === 0n, 'the request is REQUEST, "", "", 0 (§2.1)');
  const envelope = body as {
    type: bigint;
    timestamp: bigint;
    sourceDevice: bigint;
    content: Uint8Array;
    proSig: Uint8Array;
  };
  must(envelope.type === 6n && envelope.sourceDevice === 1n, 'the envelope is a SESSION_MESSAGE of device 1 (§2.1)');
  must(envelope.proSig.length === 64, 'proSig has 64 bytes (§5.10)');
  const { sender, content } = open(envelope.content, recipient);
  const fields = readTable(CONTENT, content);
  must(fields.sigTimestamp === envelope.timestamp, 'sigTimestamp is the timestamp of the envelope (§3)');
  const isCopy = sender === recipient.accountId;
  const kind = checkContent(fields, { sender, isCopy, ttl });
  return { kind, sender, sentAt: Number(envelope.timestamp), isCopy };
}

/** (messages §4.1, §4.2) */
function open(sealed: Uint8Array, recipient: Account): { sender: string; content: Uint8Array } {
  const { publicKey, secretKey } = recipient.x25519;
  const ephemeral = sealed.subarray(0, 32);
  const signed = boxOpen(sealed.subarray(32), blake2b(24, concatBytes(ephemeral, publicKey)), ephemeral, secretKey);
  must(signed !== null, 'it is sealed to its recipient (§4.1)');
  const padded = signed!.subarray(0, -96);
  const key = signed!.subarray(-96, -64);
  const isSigned = ed25519Verify(concatBytes(padded, key, publicKey), signed!.subarray(-64), key);
  must(isSigned, 'message, sender and recipient are signed (§4.1)');
  const end = padded.findLastIndex((byte) => byte !== 0);
  must(padded[end] === 0x80, 'the padding begins with 80 (§4.1)');
  must(padded.length === BLOCK * (Math.floor((end + 1) / BLOCK) + 1), 'it is padded to its block (§4.1)');
  // Only of a key that is none there is no account; its signature would be wrong.
  return { sender: accountIdFromEd25519(key)!, content: padded.subarray(0, end) };
}

function must(isKept: boolean, rule: string): void {
  if (!isKept) throw new Error(`a message breaks a rule: ${rule}`);
}
