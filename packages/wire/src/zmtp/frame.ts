import { WireError } from '../errors.ts';
import type { Inbox } from './inbox.ts';

export const MORE = 1;
export const COMMAND = 4;

const LONG = 2;
const LONGEST_SHORT_BODY = 255;

/** One frame without its length: `flags` holds MORE and COMMAND only. */
export interface Frame {
  readonly flags: number;
  readonly body: Uint8Array;
}

/** Bytes that a frame takes besides its body. */
export function frameHeaderSize(bodySize: number): number {
  return bodySize > LONGEST_SHORT_BODY ? 9 : 2;
}

/** Writes flags and length at `offset`; returns where the body begins (node-network §3.2). */
export function writeFrameHeader(target: Uint8Array, offset: number, flags: number, bodySize: number): number {
  if (bodySize <= LONGEST_SHORT_BODY) {
    target[offset] = flags;
    target[offset + 1] = bodySize;
    return offset + 2;
  }
  target[offset] = flags | LONG;
  const length = new DataView(target.buffer, target.byteOffset + offset + 1, 8);
  length.setUint32(0, Math.floor(bodySize / 2 ** 32));
  length.setUint32(4, bodySize % 2 ** 32);
  return offset + 9;
}

/** Reads frames from an inbox, however the stream was cut into chunks. */
export class FrameReader {
  readonly #inbox: Inbox;
  #flags: number | null = null;
  #size: number | null = null;

  constructor(inbox: Inbox) {
    this.#inbox = inbox;
  }

  /**
   * The next frame, or null until more arrives; the body may be a view of a chunk.
   * @throws WireError `zmtp` for unknown flags, or as soon as a length above `maximumBytes` is announced.
   */
  next(maximumBytes: number): Frame | null {
    this.#flags ??= this.#readFlags();
    if (this.#flags === null) return null;
    this.#size ??= this.#readSize(this.#flags, maximumBytes);
    if (this.#size === null) return null;
    const body = this.#inbox.take(this.#size);
    if (body === null) return null;
    const frame = { flags: this.#flags & ~LONG, body };
    this.#flags = null;
    this.#size = null;
    return frame;
  }

  #readFlags(): number | null {
    const byte = this.#inbox.take(1);
    if (byte === null) return null;
    const flags = byte[0]!;
    if ((flags & ~(MORE | LONG | COMMAND)) !== 0) throw new WireError('zmtp', 'unknown frame flags');
    return flags;
  }

  #readSize(flags: number, maximumBytes: number): number | null {
    const long = (flags & LONG) !== 0;
    const bytes = this.#inbox.take(long ? 8 : 1);
    if (bytes === null) return null;
    let size = 0;
    for (const byte of bytes) size = size * 256 + byte;
    if (size > maximumBytes) throw new WireError('zmtp', 'frame too long');
    return size;
  }
}
