import { accountIdFromEd25519 } from '../account/index.ts';
import { concatBytes, type Random, wipe } from '../bytes/index.ts';
import { blake2b, ed25519Sign, ed25519Verify, type KeyPair, x25519KeyPair } from '../crypto/index.ts';
import { sodium } from '../crypto/sodium.ts';
import { WireError } from '../errors.ts';

const KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;
/** Sender's key and signature behind the message. */
const SIGNED_OVERHEAD = KEY_BYTES + SIGNATURE_BYTES;
/** Ephemeral key and tag in front of the sealed message. */
const SEAL_OVERHEAD = KEY_BYTES + 16;
const BOX_NONCE_BYTES = 24;

/** Bytes that encryption adds to the padded content. */
const ENCRYPTION_OVERHEAD = SIGNED_OVERHEAD + SEAL_OVERHEAD;

/** A message after decryption: who wrote it is proven. */
interface Decrypted {
  /** The padded content, the only reference to its memory. */
  readonly message: Uint8Array;
  readonly sender: string;
  readonly senderEd25519Key: Uint8Array;
}

/**
 * Signs a message for one recipient: message ‖ sender's key(32) ‖ signature(64). The signature also covers the
 * recipient, so that a recipient cannot pass the message on as if it were meant for another (messages §4.1).
 */
export function signForRecipient(message: Uint8Array, sender: KeyPair, recipientX25519Key: Uint8Array): Uint8Array {
  const signed = new Uint8Array(message.length + SIGNED_OVERHEAD);
  signed.set(message);
  signed.set(sender.publicKey, message.length);
  const signatureStart = message.length + KEY_BYTES;
  // The recipient's key stands behind the sender's while it is signed; then the signature takes its place.
  signed.set(recipientX25519Key, signatureStart);
  const signature = ed25519Sign(signed.subarray(0, signatureStart + KEY_BYTES), sender.secretKey);
  signed.set(signature, signatureStart);
  return signed;
}

/**
 * Signs a message and seals it to the recipient (messages §4.1): {@link ENCRYPTION_OVERHEAD} bytes longer than the
 * message. Asks `random` for the 32 bytes of the ephemeral secret.
 * @throws WireError `key` for a recipient key of low order.
 */
export function encryptForRecipient(
  message: Uint8Array,
  sender: KeyPair,
  recipientX25519Key: Uint8Array,
  random: Random,
): Uint8Array {
  const ephemeral = x25519KeyPair(random(KEY_BYTES));
  const signed = signForRecipient(message, sender, recipientX25519Key);
  try {
    const sealed = new Uint8Array(signed.length + SEAL_OVERHEAD);
    sealed.set(ephemeral.publicKey);
    const nonce = blake2b(BOX_NONCE_BYTES, concatBytes(ephemeral.publicKey, recipientX25519Key));
    sodium.crypto_box_easy(sealed.subarray(KEY_BYTES), signed, nonce, recipientX25519Key, ephemeral.secretKey);
    return sealed;
  } catch {
    throw new WireError('key', 'the recipient key cannot be sealed to');
  } finally {
    wipe(signed, ephemeral.secretKey);
  }
}

/**
 * Opens what {@link encryptForRecipient} made, with the recipient's X25519 pair (messages §4.2).
 * @throws WireError `message` if it is too short, was not sealed to this recipient or was changed, if the signature
 * does not fit, or if the sender's key belongs to no account.
 */
export function decryptFromSender(ciphertext: Uint8Array, recipient: KeyPair): Decrypted {
  const { message, senderEd25519Key } = decryptSigned(ciphertext, recipient);
  const sender = accountIdFromEd25519(senderEd25519Key);
  if (!sender) {
    wipe(message);
    throw new WireError('message', 'the sender has no account id');
  }
  return { message, sender, senderEd25519Key };
}

/** {@link decryptFromSender} for a reader who knows the keys that may have signed, and so needs no account id. */
export function decryptSigned(ciphertext: Uint8Array, recipient: KeyPair): Omit<Decrypted, 'sender'> {
  if (ciphertext.length < ENCRYPTION_OVERHEAD) throw new WireError('message', 'ciphertext is too small');
  const signed = new Uint8Array(ciphertext.length - SEAL_OVERHEAD);
  if (!sodium.crypto_box_seal_open(signed, ciphertext, recipient.publicKey, recipient.secretKey)) {
    throw new WireError('message', 'decryption failed');
  }
  const messageLength = signed.length - SIGNED_OVERHEAD;
  const signatureStart = messageLength + KEY_BYTES;
  const senderEd25519Key = signed.slice(messageLength, signatureStart);
  const signature = signed.slice(signatureStart);
  signed.set(recipient.publicKey, signatureStart);
  if (!ed25519Verify(signed.subarray(0, signatureStart + KEY_BYTES), signature, senderEd25519Key)) {
    wipe(signed);
    throw new WireError('message', 'signature verification failed');
  }
  return { message: signed.subarray(0, messageLength), senderEd25519Key };
}
