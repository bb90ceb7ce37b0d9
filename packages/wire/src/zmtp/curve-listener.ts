import { concatBytes, equalBytes, type Random, wipe } from '../bytes/index.ts';
import { boxKey, type KeyPair, x25519KeyPair } from '../crypto/index.ts';
import { WireError } from '../errors.ts';
import { type Command, encodeCommandFrame, encodeRefusal } from './command.ts';
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
import type { Admit, HandshakeStep, Mechanism, Peer } from './mechanism.ts';
import { decodeMetadata } from './metadata.ts';

const HELLO_KEY_AT = 2 + 72;
const HELLO_COUNTER_AT = HELLO_KEY_AT + KEY_BYTES;
const HELLO_BOX_AT = HELLO_COUNTER_AT + COUNTER_BYTES;
const HELLO_BYTES = HELLO_BOX_AT + TAG_BYTES + 64;

const VOUCH_BYTES = RANDOM_NONCE_BYTES + TAG_BYTES + 2 * KEY_BYTES;
const INITIATE_BOX_AT = COOKIE_BYTES + COUNTER_BYTES;
const INITIATE_CONTENT_BYTES = KEY_BYTES + VOUCH_BYTES;

const READY_COUNTER = 1;

/** What the listener remembers between WELCOME and INITIATE. */
interface Welcomed {
  readonly diallerEphemeralKey: Uint8Array;
  readonly ephemeral: KeyPair;
  readonly cookie: Uint8Array;
  readonly helloCounter: Uint8Array;
  readonly sessionKey: Uint8Array;
}

/** The listener's side of CURVE: it learns, and checks, the dialler's long-term key (node-network §3.4). */
export class CurveListener implements Mechanism {
  readonly name = 'CURVE';
  readonly asServer = true;
  readonly #keys: KeyPair;
  readonly #metadata: Uint8Array;
  readonly #random: Random;
  readonly #admit: Admit;
  #welcomed: Welcomed | null = null;

  constructor(keys: KeyPair, metadata: Uint8Array, random: Random, admit: Admit) {
    this.#keys = keys;
    this.#metadata = metadata;
    this.#random = random;
    this.#admit = admit;
  }

  begin(): null {
    return null;
  }

  next(command: Command): HandshakeStep {
    if (this.#welcomed === null) return { output: this.#welcome(command) };
    return this.#finish(command, this.#welcomed);
  }

  close(): void {
    if (this.#welcomed !== null) wipe(this.#welcomed.ephemeral.secretKey, this.#welcomed.sessionKey);
    this.#welcomed = null;
  }

  #welcome({ name, data }: Command): Uint8Array {
    if (name !== 'HELLO' || data.length !== HELLO_BYTES || data[0] !== 1 || data[1] !== 0) {
      throw new WireError('zmtp', 'expected HELLO');
    }
    const diallerEphemeralKey = data.slice(HELLO_KEY_AT, HELLO_COUNTER_AT);
    const helloCounter = data.slice(HELLO_COUNTER_AT, HELLO_BOX_AT);
    const helloKey = boxKey(diallerEphemeralKey, this.#keys.secretKey);
    openBox('HELLO', helloCounter, helloKey, data.subarray(HELLO_BOX_AT));

    const ephemeral = x25519KeyPair(this.#random(KEY_BYTES));
    const nonce = this.#random(RANDOM_NONCE_BYTES);
    // A cookie may carry the listener's state; ours is here already, so it is only a token that must come back.
    const cookie = this.#random(COOKIE_BYTES);
    const box = sealBox('WELCOME', nonce, helloKey, concatBytes(ephemeral.publicKey, cookie));
    wipe(helloKey);
    const sessionKey = boxKey(diallerEphemeralKey, ephemeral.secretKey);
    this.#welcomed = { diallerEphemeralKey, ephemeral, cookie, helloCounter, sessionKey };
    return encodeCommandFrame('WELCOME', concatBytes(nonce, box));
  }

  #finish({ name, data }: Command, welcomed: Welcomed): HandshakeStep {
    if (name !== 'INITIATE' || data.length < INITIATE_BOX_AT) throw new WireError('zmtp', 'expected INITIATE');
    if (!equalBytes(data.subarray(0, COOKIE_BYTES), welcomed.cookie)) throw new WireError('zmtp', 'wrong cookie');
    const counter = data.subarray(COOKIE_BYTES, INITIATE_BOX_AT);
    if (Buffer.compare(counter, welcomed.helloCounter) <= 0) {
      throw new WireError('zmtp', 'a nonce that is not larger than the last');
    }
    const content = openBox('INITIATE', counter, welcomed.sessionKey, data.subarray(INITIATE_BOX_AT));
    if (content.length < INITIATE_CONTENT_BYTES) throw new WireError('zmtp', 'expected INITIATE');
    const peer: Peer = {
      key: content.slice(0, KEY_BYTES),
      metadata: decodeMetadata(content.subarray(INITIATE_CONTENT_BYTES)),
    };
    this.#checkVouch(content, welcomed);
    if (!this.#admit(peer)) return { output: encodeRefusal('400'), refused: true };

    const readyCounter = counterBytes(READY_COUNTER);
    const ready = sealBox('READY', readyCounter, welcomed.sessionKey, this.#metadata);
    const session = new CurveSession('listener', welcomed.sessionKey.slice(), READY_COUNTER, counter);
    return {
      output: encodeCommandFrame('READY', concatBytes(readyCounter, ready)),
      established: { peer, session },
    };
  }

  /** Without this check anybody could claim to be the owner of any key. */
  #checkVouch(content: Uint8Array, { diallerEphemeralKey, ephemeral }: Welcomed): void {
    const diallerKey = content.subarray(0, KEY_BYTES);
    const nonce = content.subarray(KEY_BYTES, KEY_BYTES + RANDOM_NONCE_BYTES);
    const box = content.subarray(KEY_BYTES + RANDOM_NONCE_BYTES, INITIATE_CONTENT_BYTES);
    const vouchKey = boxKey(diallerKey, ephemeral.secretKey);
    const vouched = openBox('VOUCH', nonce, vouchKey, box);
    wipe(vouchKey);
    if (!equalBytes(vouched, concatBytes(diallerEphemeralKey, this.#keys.publicKey))) {
      throw new WireError('zmtp', 'a vouch for another connection');
    }
  }
}
