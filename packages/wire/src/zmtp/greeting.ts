import { WireError } from '../errors.ts';

export const GREETING_BYTES = 64;

export type MechanismName = 'NULL' | 'CURVE';

const MECHANISM_AT = 12;
const AS_SERVER_AT = 32;
const MAJOR_AT = 10;

/** The 64 bytes that both sides send first (node-network §3.1). */
export function encodeGreeting(mechanism: MechanismName, asServer: boolean): Uint8Array {
  const greeting = new Uint8Array(GREETING_BYTES);
  greeting[0] = 0xff;
  greeting[8] = 1;
  greeting[9] = 0x7f;
  greeting[MAJOR_AT] = 3;
  greeting[MAJOR_AT + 1] = 1;
  greeting.set(Buffer.from(mechanism, 'latin1'), MECHANISM_AT);
  greeting[AS_SERVER_AT] = asServer ? 1 : 0;
  return greeting;
}

/** @throws WireError `zmtp` if the peer speaks another protocol, an older version or another mechanism. */
export function checkGreeting(greeting: Uint8Array, mechanism: MechanismName): void {
  if (greeting[0] !== 0xff || greeting[9] !== 0x7f) throw new WireError('zmtp', 'not a ZMTP greeting');
  if (greeting[MAJOR_AT]! < 3) throw new WireError('zmtp', 'the peer speaks an older ZMTP');
  const name = Buffer.from(greeting.subarray(MECHANISM_AT, AS_SERVER_AT)).toString('latin1');
  if (name !== mechanism.padEnd(AS_SERVER_AT - MECHANISM_AT, '\0')) {
    throw new WireError('zmtp', 'the peer wants another mechanism');
  }
}

/** Whether the peer answers PING: since ZMTP 3.1 (node-network §3.4). */
export function knowsHeartbeats(greeting: Uint8Array): boolean {
  return greeting[MAJOR_AT]! > 3 || greeting[MAJOR_AT + 1]! >= 1;
}
