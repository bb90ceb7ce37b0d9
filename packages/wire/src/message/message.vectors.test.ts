import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { type Account, accountIdFromX25519 } from '../account/index.ts';
import { bytesToBase64, bytesToHex, concatBytes, hexToBytes } from '../bytes/index.ts';
import { decodeContent } from '../content/index.ts';
import { blake2b, ed25519KeyPair, ed25519SecretToX25519, sha512, x25519KeyPair } from '../crypto/index.ts';
import { WireError } from '../errors.ts';
import { loadVectors } from '../vectors-loader/index.ts';
import { decryptFromSender, encryptForRecipient, signForRecipient } from './encryption.ts';
import { openMessage, sealMessage } from './index.ts';
import { paddedLength, unpad, writePadded } from './padding.ts';

interface Sender {
  readonly seed16: string;
  readonly seed32: string;
}

interface Opened {
  readonly content: string;
  readonly sender_ed25519_pk: string;
  readonly sender_account_id: string;
  readonly envelope_timestamp_ms: number;
}

type Case =
  | {
      readonly kind: 'pad';
      readonly plain_len: number;
      readonly padded_len: number;
      readonly plain: string;
      readonly padded: string;
    }
  | { readonly kind: 'unpad'; readonly name: string; readonly padded_content: string; readonly expected: Opened }
  | {
      readonly kind: 'sign_for_recipient';
      readonly sender: Sender;
      readonly recipient_account_id: string;
      readonly message: string;
      readonly signed_message: string;
    }
  | {
      readonly kind: 'encrypt_deterministic';
      readonly sender: Sender;
      readonly recipient_account_id: string;
      readonly message: string;
      readonly ciphertext: string;
    }
  | {
      readonly kind: 'decrypt';
      readonly name: string;
      readonly recipient_seed32: string;
      readonly ciphertext: string;
      readonly expected: { readonly message: string; readonly sender_account_id: string } | { readonly error: string };
    }
  | {
      readonly kind: 'wire_1o1';
      readonly name: string;
      readonly sender_seed32?: string;
      readonly recipient_seed32: string;
      readonly recipient_account_id: string;
      readonly timestamp_ms?: number;
      readonly content?: string;
      readonly wire: string;
      readonly wire_base64: string;
      readonly expected: Opened | { readonly error: string };
    };

const { cases } = loadVectors<{ readonly cases: readonly Case[] }>('message-crypto');

/** Ciphertext and proSig of a message differ at every sealing: where they lie, from the end. */
const PRO_SIGNATURE_FROM_END = 66;

for (const vector of cases) test(titleOf(vector), () => check(vector));

function check(vector: Case): void {
  switch (vector.kind) {
    case 'pad':
      checkPadding(vector);
      break;
    case 'unpad':
      checkUnpadding(vector);
      break;
    case 'sign_for_recipient': {
      const { sender, recipientKey, message } = partiesOf(vector);
      expect(bytesToHex(signForRecipient(message, sender.ed25519, recipientKey))).toBe(vector.signed_message);
      break;
    }
    case 'encrypt_deterministic': {
      const { sender, recipientKey, message } = partiesOf(vector);
      const random = deterministicEphemeral(vector.sender.seed32, recipientKey, message);
      const ciphertext = encryptForRecipient(message, sender.ed25519, recipientKey, random);
      expect(bytesToHex(ciphertext)).toBe(vector.ciphertext);
      break;
    }
    case 'decrypt':
      checkDecryption(vector);
      break;
    case 'wire_1o1':
      checkOpening(vector);
      if (vector.content !== undefined) checkSealing(vector, vector.content);
      break;
    default:
      throw new Error(`unknown kind of case: ${(vector as { kind: string }).kind}`);
  }
}

function checkPadding(vector: Case & { kind: 'pad' }): void {
  expect(hexToBytes(vector.plain)).toHaveLength(vector.plain_len);
  expect(paddedLength(vector.plain_len)).toBe(vector.padded_len);
  const padded = new Uint8Array(vector.padded_len);
  writePadded(padded, hexToBytes(vector.plain));
  expect(bytesToHex(padded)).toBe(vector.padded);
  expect(bytesToHex(unpad(padded))).toBe(vector.plain);
}

function checkUnpadding({ padded_content, expected }: Case & { kind: 'unpad' }): void {
  const unpadded = unpad(hexToBytes(padded_content));
  expect(bytesToHex(unpadded)).toBe(expected.content);
  decodeContent(unpadded);
}

function checkDecryption(vector: Case & { kind: 'decrypt' }): void {
  const recipient = accountOf(vector.recipient_seed32);
  const decrypt = () => decryptFromSender(hexToBytes(vector.ciphertext), recipient.x25519);
  if ('error' in vector.expected) {
    expectRefusal(decrypt, vector.expected.error);
    return;
  }
  const { message, sender } = decrypt();
  expect(bytesToHex(message)).toBe(vector.expected.message);
  expect(sender).toBe(vector.expected.sender_account_id);
}

/** What the references' texts say, and our words for the same; other refusals may be told in any words. */
const REASONS: readonly (readonly [reference: RegExp, ours: RegExp])[] = [
  [/ciphertext is too small/, /ciphertext is too small/],
  [/^Decryption failed/, /decryption failed/],
  [/^Signature verification failed/, /signature verification failed/],
  [/missing request$/, /missing request|malformed WebSocketMessage|missing WebSocketMessage/],
  [/missing request body/, /missing body/],
  [/missing content/, /missing content/],
  [/source had unexpected size/, /source has an unexpected size/],
  [/pro signature has wrong size/, /pro signature has an unexpected size/],
  [/^Parse envelope from plaintext failed/, /(malformed|missing) Envelope/],
  [/^Parse websocket wrapped envelope from payload failed/, /(malformed|missing) WebSocket/],
  [/^Parse content from envelope failed/, /(malformed|missing) /],
];

function expectRefusal(attempt: () => unknown, reference: string): void {
  expect(attempt).toThrow(WireError);
  const [, ours] = REASONS.find(([text]) => text.test(reference)) ?? [];
  if (ours) expect(attempt).toThrow(ours);
}

function checkOpening(vector: Case & { kind: 'wire_1o1' }): void {
  const data = hexToBytes(vector.wire);
  expect(bytesToBase64(data)).toBe(vector.wire_base64);
  const open = () => {
    const opened = openMessage(data, accountOf(vector.recipient_seed32));
    if (opened.kind !== 'message') throw new Error(`unexpected: ${opened.kind}`);
    decodeContent(opened.content);
    return opened;
  };
  if ('error' in vector.expected) {
    expectRefusal(open, vector.expected.error);
    return;
  }
  const { content, sender, senderEd25519Key, timestamp } = open();
  expect({
    content: bytesToHex(content),
    sender_ed25519_pk: bytesToHex(senderEd25519Key),
    sender_account_id: sender,
    envelope_timestamp_ms: timestamp,
  }).toEqual(vector.expected);
}

/** What we seal has the bytes of the vector but for ciphertext and proSig, and opens to the same content. */
function checkSealing(vector: Case & { kind: 'wire_1o1' }, contentHex: string): void {
  const content = hexToBytes(contentHex);
  const sender = accountOf(vector.sender_seed32!);
  const recipient = accountOf(vector.recipient_seed32);
  const timestamp = vector.timestamp_ms!;
  const sealed = sealMessage({ content, timestamp, sender, recipient: recipient.accountId, random: randomBytes });
  const withoutSecrets = (data: Uint8Array) => {
    const masked = new Uint8Array(data);
    const proSigEnd = masked.length - 2;
    masked.fill(0, proSigEnd - 64, proSigEnd);
    const ciphertextEnd = masked.length - PRO_SIGNATURE_FROM_END - 2;
    masked.fill(0, ciphertextEnd - (paddedLength(content.length) + 144), ciphertextEnd);
    return bytesToHex(masked);
  };
  expect(withoutSecrets(sealed)).toBe(withoutSecrets(hexToBytes(vector.wire)));
  expect(openMessage(sealed, recipient)).toMatchObject({ sender: sender.accountId, timestamp });
}

function partiesOf(vector: {
  readonly sender: Sender;
  readonly recipient_account_id: string;
  readonly message: string;
}): { readonly sender: Account; readonly recipientKey: Uint8Array; readonly message: Uint8Array } {
  return {
    sender: accountOf(vector.sender.seed32),
    recipientKey: hexToBytes(vector.recipient_account_id).subarray(1),
    message: hexToBytes(vector.message),
  };
}

/** The ephemeral secret of the reproducible form (messages §4.1), which only tests use. */
function deterministicEphemeral(seed32: string, recipientKey: Uint8Array, message: Uint8Array) {
  const seed = blake2b(32, concatBytes(hexToBytes(seed32), recipientKey, message), {
    key: Buffer.from('SessionBoxEphemeralHashKey'),
  });
  return () => sha512(seed).slice(0, 32);
}

/** The account of a whole 32-byte seed; only the first 16 bytes of ours are random, which no message can tell. */
function accountOf(seed32: string): Account {
  const ed25519 = ed25519KeyPair(hexToBytes(seed32));
  const x25519 = x25519KeyPair(ed25519SecretToX25519(ed25519.secretKey));
  const accountId = accountIdFromX25519(x25519.publicKey);
  return { accountId, ed25519, x25519, seed16: hexToBytes(seed32.slice(0, 32)) };
}

function titleOf(vector: Case): string {
  if (vector.kind === 'pad') return `pad ${vector.plain_len} bytes`;
  if (vector.kind === 'sign_for_recipient' || vector.kind === 'encrypt_deterministic') {
    return `${vector.kind} ${vector.message.length / 2} bytes`;
  }
  return `${vector.kind} ${vector.name}`;
}
