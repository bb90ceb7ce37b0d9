/** How one onion layer is encrypted (onion-requests §1.5). */
export type EncryptionType = 'xchacha20' | 'aes-gcm' | 'aes-cbc';

/** The types that detect changes; the only ones that this implementation emits or opens for itself (§7.3). */
export const AUTHENTICATED_TYPES: ReadonlySet<EncryptionType> = new Set(['xchacha20', 'aes-gcm']);

/** Every type of the protocol, for tools that must read what others wrote. */
export const ALL_TYPES: ReadonlySet<EncryptionType> = new Set(['xchacha20', 'aes-gcm', 'aes-cbc']);

const SPELLINGS: ReadonlyMap<unknown, EncryptionType> = new Map([
  ['xchacha20', 'xchacha20'],
  ['xchacha20-poly1305', 'xchacha20'],
  ['aes-gcm', 'aes-gcm'],
  ['gcm', 'aes-gcm'],
  ['aes-cbc', 'aes-cbc'],
  ['cbc', 'aes-cbc'],
]);

/** The type that an `enc_type` value names, case-sensitive; `null` for anything else (onion-requests §1.3). */
export function encryptionTypeNamed(value: unknown): EncryptionType | null {
  return SPELLINGS.get(value) ?? null;
}
