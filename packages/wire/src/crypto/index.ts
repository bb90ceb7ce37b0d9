export {
  boxKey,
  boxOpen,
  boxSeal,
  secretBoxOpen,
  secretBoxOpenInto,
  secretBoxSeal,
  secretBoxSealInPlace,
  xchachaOpen,
  xchachaSeal,
  xchachaSealInto,
} from './box.ts';
export {
  ed25519KeyPair,
  ed25519PublicToX25519,
  ed25519SecretToX25519,
  ed25519Sign,
  ed25519Verify,
  type KeyPair,
} from './ed25519.ts';
export { type Blake2bOptions, blake2b, sha512 } from './hash.ts';
export { SecretStreamOpener, SecretStreamSealer, STREAM_HEADER_BYTES, STREAM_OVERHEAD_BYTES } from './secret-stream.ts';
export { x25519KeyPair, x25519Shared } from './x25519.ts';
