import { allocate, wipe } from '../bytes/index.ts';
import { secretBoxOpenInto, secretBoxSealInPlace } from '../crypto/index.ts';
import { WireError } from '../errors.ts';
import { COUNTER_BYTES, TAG_BYTES } from './curve-box.ts';
import { type Frame, frameHeaderSize, writeFrameHeader } from './frame.ts';
import type { Part, Session } from './mechanism.ts';

const NAME = Buffer.from('\x07MESSAGE', 'latin1');
const BOX_AT = NAME.length + COUNTER_BYTES;
const OVERHEAD = BOX_AT + TAG_BYTES + 1;
const COUNTER_AT = 16;
const INNER_MORE = 1;
const INNER_COMMAND = 2;

const DIALLER_PREFIX = 'CurveZMQMESSAGEC';
const LISTENER_PREFIX = 'CurveZMQMESSAGES';

/** Traffic under CURVE: each frame is a MESSAGE with a box under the connection's key (node-network §3.4). */
export class CurveSession implements Session {
  readonly overhead = OVERHEAD;
  readonly #key: Uint8Array;
  readonly #sent: NonceCounter;
  readonly #received: NonceCounter;

  /** `sent` and `received` are the counters of the last boxes in each direction; the session owns the key. */
  constructor(role: 'dialler' | 'listener', key: Uint8Array, sent: number, received: Uint8Array) {
    this.#key = key;
    this.#sent = new NonceCounter(role === 'dialler' ? DIALLER_PREFIX : LISTENER_PREFIX);
    this.#sent.set(0, sent);
    this.#received = new NonceCounter(role === 'dialler' ? LISTENER_PREFIX : DIALLER_PREFIX);
    this.#received.advanceTo(received, 0);
  }

  sealMessage(parts: readonly Uint8Array[]): Uint8Array {
    let size = 0;
    for (const part of parts) size += frameSize(part);
    // Every byte is written below.
    const frames = Buffer.allocUnsafe(size);
    let offset = 0;
    parts.forEach((part, index) => {
      offset = this.#seal(frames, offset, index < parts.length - 1 ? INNER_MORE : 0, part);
    });
    return frames;
  }

  sealCommand(body: Uint8Array): Uint8Array {
    const frame = Buffer.allocUnsafe(frameSize(body));
    this.#seal(frame, 0, INNER_COMMAND, body);
    return frame;
  }

  open({ flags, body }: Frame): Part {
    if (flags !== 0 || body.length < OVERHEAD || NAME.compare(body, 0, NAME.length) !== 0) {
      throw new WireError('zmtp', 'expected MESSAGE');
    }
    this.#received.advanceTo(body, NAME.length);
    const content = allocate(body.length - BOX_AT - TAG_BYTES);
    const isOpen = secretBoxOpenInto(content, this.#key, this.#received.nonce, body.subarray(BOX_AT));
    if (!isOpen) throw new WireError('zmtp', 'the box of MESSAGE does not open');
    const inner = content[0]!;
    if ((inner & ~(INNER_MORE | INNER_COMMAND)) !== 0) throw new WireError('zmtp', 'unknown flags in MESSAGE');
    return { more: (inner & INNER_MORE) !== 0, command: (inner & INNER_COMMAND) !== 0, body: content.subarray(1) };
  }

  close(): void {
    wipe(this.#key);
  }

  /** Writes one frame at `offset`; returns where it ends. */
  #seal(target: Uint8Array, offset: number, inner: number, part: Uint8Array): number {
    const bodyAt = writeFrameHeader(target, offset, 0, OVERHEAD + part.length);
    const end = bodyAt + OVERHEAD + part.length;
    this.#sent.increment();
    target.set(NAME, bodyAt);
    target.set(this.#sent.bytes, bodyAt + NAME.length);
    target[bodyAt + OVERHEAD - 1] = inner;
    target.set(part, bodyAt + OVERHEAD);
    secretBoxSealInPlace(this.#key, this.#sent.nonce, target.subarray(bodyAt + BOX_AT, end));
    return end;
  }
}

function frameSize(part: Uint8Array): number {
  const bodySize = OVERHEAD + part.length;
  return frameHeaderSize(bodySize) + bodySize;
}

/** Big-endian; a view for one number would cost more than the number. */
function uint32At(bytes: Uint8Array, offset: number): number {
  return bytes[offset]! * 2 ** 24 + ((bytes[offset + 1]! << 16) | (bytes[offset + 2]! << 8) | bytes[offset + 3]!);
}

/** The nonce of one direction: a prefix and a counter that only grows. */
class NonceCounter {
  readonly nonce = new Uint8Array(COUNTER_AT + COUNTER_BYTES);
  readonly bytes = this.nonce.subarray(COUNTER_AT);
  readonly #view = new DataView(this.nonce.buffer);

  constructor(prefix: string) {
    this.nonce.set(Buffer.from(prefix, 'latin1'));
  }

  set(high: number, low: number): void {
    this.#view.setUint32(COUNTER_AT, high);
    this.#view.setUint32(COUNTER_AT + 4, low);
  }

  increment(): void {
    const high = this.#view.getUint32(COUNTER_AT);
    const low = this.#view.getUint32(COUNTER_AT + 4);
    if (low === 0xffffffff) this.set(high + 1, 0);
    else this.set(high, low + 1);
  }

  /** Takes the peer's next counter from 8 bytes at `offset`. @throws WireError `zmtp` if it is not larger. */
  advanceTo(source: Uint8Array, offset: number): void {
    const high = uint32At(source, offset);
    const low = uint32At(source, offset + 4);
    const lastHigh = this.#view.getUint32(COUNTER_AT);
    if (high < lastHigh || (high === lastHigh && low <= this.#view.getUint32(COUNTER_AT + 4))) {
      throw new WireError('zmtp', 'a nonce that is not larger than the last');
    }
    this.set(high, low);
  }
}
