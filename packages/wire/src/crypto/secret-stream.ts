import { wipe } from '../bytes/index.ts';
import { sodium } from './sodium.ts';

/** The public part that starts a stream. */
export const STREAM_HEADER_BYTES = 24;
/** By how much a sealed chunk is longer than its content. */
export const STREAM_OVERHEAD_BYTES = 17;

const STATE_BYTES = 52;
const TAG_MESSAGE = 0;
const TAG_FINAL = 3;

/** One direction of libsodium's XChaCha20-Poly1305 secretstream; chunks are sealed in order, the last one as final (messages §8.2). */
export class SecretStreamSealer {
  readonly #state: Uint8Array;

  /** `key` has 32 bytes and must never be used with the same 24-byte `header` for other content. */
  constructor(key: Uint8Array, header: Uint8Array) {
    this.#state = startState(key, header);
  }

  /** Writes the sealed chunk into `sealed`, which is 17 bytes longer than `chunk`. After the last one nothing may follow. */
  seal(chunk: Uint8Array, isLast: boolean, sealed: Uint8Array): void {
    const tag = isLast ? TAG_FINAL : TAG_MESSAGE;
    sodium.crypto_secretstream_xchacha20poly1305_push(this.#state, sealed, chunk, null, tag);
    if (isLast) wipe(this.#state);
  }
}

/** Opens what {@link SecretStreamSealer} made, chunk by chunk in the same order. */
export class SecretStreamOpener {
  readonly #state: Uint8Array;
  readonly #tag = new Uint8Array(1);

  constructor(key: Uint8Array, header: Uint8Array) {
    this.#state = startState(key, header);
  }

  /**
   * Opens one chunk into `chunk`, which is 17 bytes shorter than `sealed`. `null`, and nothing to be used, if it was
   * changed, moved or sealed with another key; tags other than the final one count as none.
   */
  open(sealed: Uint8Array, chunk: Uint8Array): { readonly isLast: boolean } | null {
    try {
      sodium.crypto_secretstream_xchacha20poly1305_pull(this.#state, chunk, this.#tag, sealed, null);
    } catch {
      return null;
    }
    return { isLast: this.#tag[0] === TAG_FINAL };
  }
}

/** Both directions start alike; the function that begins to seal would draw its header itself. */
function startState(key: Uint8Array, header: Uint8Array): Uint8Array {
  const state = new Uint8Array(STATE_BYTES);
  sodium.crypto_secretstream_xchacha20poly1305_init_pull(state, header, key);
  return state;
}
