import { equalBytes } from '../bytes/index.ts';
import { ed25519PublicToX25519 } from '../crypto/index.ts';

/** How many conversions are kept; each takes a few hundred bytes. */
const CAPACITY = 4096;

/** X25519 keys by the Ed25519 key that they belong to, oldest first. */
const conversions = new Map<string, Uint8Array>();

/**
 * Whether an Ed25519 key belongs to a Session ID's X25519 key. The conversion costs as much as verifying a signature
 * and clients ask again every few seconds, so results are kept. Ask only when a signature by the key has been
 * verified: otherwise the time that this takes would tell strangers which accounts were here lately.
 */
export function belongsTo(ed25519Key: Uint8Array, x25519Key: Uint8Array): boolean {
  const name = Buffer.from(ed25519Key.buffer, ed25519Key.byteOffset, ed25519Key.length).toString('latin1');
  const known = conversions.get(name);
  if (known !== undefined) return equalBytes(known, x25519Key);
  const converted = ed25519PublicToX25519(ed25519Key);
  if (converted === null) return false;
  if (conversions.size >= CAPACITY) conversions.delete(conversions.keys().next().value!);
  conversions.set(name, converted);
  return equalBytes(converted, x25519Key);
}
