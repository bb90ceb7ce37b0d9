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
  let rest = bodySize;
  for (let at = offset + 8; at > offset; at--) {
    target[at] = rest % 256;
    rest = Math.floor(rest / 256);
  }
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
    const flags = this.#inbox.takeByte();
    if (flags === null) return null;
    if ((flags & ~(MORE | LONG | COMMAND)) !== 0) throw new WireError('zmtp', 'unknown frame flags');
    return flags;
  }

  #readSize(flags: number, maximumBytes: number): number | null {
    const size = (flags & LONG) === 0 ? this.#inbox.takeByte() : this.#readLongSize();
    if (size === null) return null;
    if (size > maximumBytes) throw new WireError('zmtp', 'frame too long');
    return size;
  }

  #readLongSize(): number | null {
    const bytes = this.#inbox.take(8);
    if (bytes === null) return null;
    let size = 0;
    for (let index = 0; index < 8; index++) size = size * 256 + bytes[index]!;
    return size;
  }
}
