import { timingSafeEqual } from 'node:crypto';

/** A source of unpredictable bytes, given in by the caller so that this package stays pure. */
export type Random = (size: number) => Uint8Array;

/** Joins byte strings in order into one new array. */
export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  let size = 0;
  for (const part of parts) size += part.length;
  const joined = new Uint8Array(size);
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

/** Compares in time that depends on the lengths only. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

/** UTF-8 bytes of a text. */
export function utf8ToBytes(text: string): Uint8Array {
  return Buffer.from(text, 'utf8');
}

/** Overwrites secrets with zeros; call it as soon as they are no longer needed. */
export function wipe(...secrets: readonly Uint8Array[]): void {
  for (const secret of secrets) secret.fill(0);
}
