import { concatBytes } from '../bytes/index.ts';
import { secretBoxOpen, secretBoxSeal } from '../crypto/index.ts';
import { WireError } from '../errors.ts';

export const KEY_BYTES = 32;
export const TAG_BYTES = 16;
export const COUNTER_BYTES = 8;
export const RANDOM_NONCE_BYTES = 16;
export const COOKIE_BYTES = 96;

/** The nonce prefixes of CURVE's boxes: 16 bytes before a counter, 8 before random bytes (node-network §3.4). */
const PREFIXES = {
  HELLO: 'CurveZMQHELLO---',
  WELCOME: 'WELCOME-',
  INITIATE: 'CurveZMQINITIATE',
  VOUCH: 'VOUCH---',
  READY: 'CurveZMQREADY---',
} as const;

type BoxName = keyof typeof PREFIXES;

/** Seals with a nonce made of the box's prefix and the given counter or random bytes. */
export function sealBox(name: BoxName, variable: Uint8Array, key: Uint8Array, content: Uint8Array): Uint8Array {
  return secretBoxSeal(key, nonceOf(name, variable), content);
}

/** Opens {@link sealBox}. @throws WireError `zmtp` if it was made with other keys or changed. */
export function openBox(name: BoxName, variable: Uint8Array, key: Uint8Array, box: Uint8Array): Uint8Array {
  const content = secretBoxOpen(key, nonceOf(name, variable), box);
  if (content === null) throw new WireError('zmtp', `the box of ${name} does not open`);
  return content;
}

/** A handshake's counter as 8 bytes. */
export function counterBytes(value: number): Uint8Array {
  const bytes = new Uint8Array(COUNTER_BYTES);
  bytes[COUNTER_BYTES - 1] = value;
  return bytes;
}

function nonceOf(name: BoxName, variable: Uint8Array): Uint8Array {
  return concatBytes(Buffer.from(PREFIXES[name], 'latin1'), variable);
}
