import { concatBytes, type Random, wipe } from '../bytes/index.ts';
import { boxKey, type KeyPair, x25519KeyPair } from '../crypto/index.ts';
import { WireError } from '../errors.ts';
import { type Command, encodeCommandFrame } from './command.ts';
import {
  COOKIE_BYTES,
  COUNTER_BYTES,
  counterBytes,
  KEY_BYTES,
  openBox,
  RANDOM_NONCE_BYTES,
  sealBox,
  TAG_BYTES,
} from './curve-box.ts';
import { CurveSession } from './curve-session.ts';
import type { HandshakeStep, Mechanism } from './mechanism.ts';
import { decodeMetadata } from './metadata.ts';

const VERSION = Uint8Array.of(1, 0);
const HELLO_PADDING = new Uint8Array(72);
const HELLO_CONTENT = new Uint8Array(64);
const WELCOME_BYTES = RANDOM_NONCE_BYTES + TAG_BYTES + KEY_BYTES + COOKIE_BYTES;

const HELLO_COUNTER = 1;
const INITIATE_COUNTER = 2;

/** The dialler's side of CURVE: it knows the listener's key and proves its own (node-network §3.4). */
export class CurveDialler implements Mechanism {
  readonly name = 'CURVE';
  readonly asServer = false;
  readonly #keys: KeyPair;
  readonly #listenerKey: Uint8Array;
  readonly #metadata: Uint8Array;
  readonly #random: Random;
  readonly #ephemeral: KeyPair;
  /** C′→S, for HELLO and WELCOME. */
  readonly #helloKey: Uint8Array;
  /** C′→S′, once the listener's ephemeral key is known. */
  #sessionKey: Uint8Array | null = null;

  /** @throws WireError `key` if the listener's key is of low order. */
  constructor(keys: KeyPair, listenerKey: Uint8Array, metadata: Uint8Array, random: Random) {
    this.#keys = keys;
    this.#listenerKey = listenerKey;
    this.#metadata = metadata;
    this.#random = random;
    this.#ephemeral = x25519KeyPair(random(KEY_BYTES));
    this.#helloKey = boxKey(listenerKey, this.#ephemeral.secretKey);
  }

  begin(): Uint8Array {
    const counter = counterBytes(HELLO_COUNTER);
    const box = sealBox('HELLO', counter, this.#helloKey, HELLO_CONTENT);
    const data = concatBytes(VERSION, HELLO_PADDING, this.#ephemeral.publicKey, counter, box);
    return encodeCommandFrame('HELLO', data);
  }

  next(command: Command): HandshakeStep {
    if (this.#sessionKey === null) return { output: this.#initiate(command) };
    return this.#finish(command, this.#sessionKey);
  }

  close(): void {
    wipe(this.#helloKey, this.#ephemeral.secretKey);
    if (this.#sessionKey !== null) wipe(this.#sessionKey);
    this.#sessionKey = null;
  }

  #initiate({ name, data }: Command): Uint8Array {
    if (name !== 'WELCOME' || data.length !== WELCOME_BYTES) throw new WireError('zmtp', 'expected WELCOME');
    const nonce = data.subarray(0, RANDOM_NONCE_BYTES);
    const welcome = openBox('WELCOME', nonce, this.#helloKey, data.subarray(RANDOM_NONCE_BYTES));
    const listenerEphemeralKey = welcome.subarray(0, KEY_BYTES);
    const cookie = welcome.subarray(KEY_BYTES);
    const sessionKey = boxKey(listenerEphemeralKey, this.#ephemeral.secretKey);
    this.#sessionKey = sessionKey;
    const counter = counterBytes(INITIATE_COUNTER);
    const content = concatBytes(this.#keys.publicKey, this.#vouch(listenerEphemeralKey), this.#metadata);
    const box = sealBox('INITIATE', counter, sessionKey, content);
    return encodeCommandFrame('INITIATE', concatBytes(cookie, counter, box));
  }

  /** Proof, by our long-term key, that the ephemeral one is ours and meant for this listener. */
  #vouch(listenerEphemeralKey: Uint8Array): Uint8Array {
    const nonce = this.#random(RANDOM_NONCE_BYTES);
    const vouchKey = boxKey(listenerEphemeralKey, this.#keys.secretKey);
    const vouch = sealBox('VOUCH', nonce, vouchKey, concatBytes(this.#ephemeral.publicKey, this.#listenerKey));
    wipe(vouchKey);
    return concatBytes(nonce, vouch);
  }

  #finish({ name, data }: Command, sessionKey: Uint8Array): HandshakeStep {
    if (name !== 'READY' || data.length < COUNTER_BYTES) throw new WireError('zmtp', 'expected READY');
    const counter = data.subarray(0, COUNTER_BYTES);
    const metadata = decodeMetadata(openBox('READY', counter, sessionKey, data.subarray(COUNTER_BYTES)));
    const session = new CurveSession('dialler', sessionKey.slice(), INITIATE_COUNTER, counter);
    return { established: { peer: { key: this.#listenerKey, metadata }, session } };
  }
}
