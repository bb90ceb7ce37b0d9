import { concatBytes } from '../bytes/index.ts';
import { WireError } from '../errors.ts';
import { COMMAND, frameHeaderSize, writeFrameHeader } from './frame.ts';

/** A named command; the names in use are ASCII. */
export interface Command {
  readonly name: string;
  readonly data: Uint8Array;
}

const MAXIMUM_CONTEXT_BYTES = 16;
const TTL_BYTES = 2;

/** `<name length><name><data>` (node-network §3.2). */
export function encodeCommandBody(name: string, data: Uint8Array): Uint8Array {
  return concatBytes(Uint8Array.of(name.length), Buffer.from(name, 'latin1'), data);
}

/** A command as a frame of its own. */
export function encodeCommandFrame(name: string, data: Uint8Array): Uint8Array {
  const body = encodeCommandBody(name, data);
  const frame = new Uint8Array(frameHeaderSize(body.length) + body.length);
  frame.set(body, writeFrameHeader(frame, 0, COMMAND, body.length));
  return frame;
}

/** Reads the body of a command; data are a view of it. @throws WireError `zmtp` if the name does not fit. */
export function decodeCommandBody(body: Uint8Array): Command {
  const end = 1 + (body[0] ?? 0);
  if (end === 1 || end > body.length) throw new WireError('zmtp', 'malformed command');
  return { name: Buffer.from(body.subarray(1, end)).toString('latin1'), data: body.subarray(end) };
}

/** The error that a peer's ERROR command stands for; its reason, such as `400` for access denied, is the detail. */
export function refusalBy(data: Uint8Array): WireError {
  const reason = Buffer.from(data.subarray(1, 1 + (data[0] ?? 0))).toString('latin1');
  return new WireError('zmtp', 'the peer refused the connection', reason.replace(/[^ -~]/g, '?'));
}

/** An ERROR command's frame. */
export function encodeRefusal(reason: string): Uint8Array {
  return encodeCommandFrame('ERROR', concatBytes(Uint8Array.of(reason.length), Buffer.from(reason, 'latin1')));
}

/** What a PING carries: how long, in tenths of a second, the sender stays without hearing from us, and a context. */
export function encodePing(ttl: number): Uint8Array {
  return Uint8Array.of((ttl >> 8) & 0xff, ttl & 0xff);
}

/** The data of the PONG to a PING. @throws WireError `zmtp` if the PING is malformed. */
export function pongTo(ping: Uint8Array): Uint8Array {
  if (ping.length < TTL_BYTES || ping.length > TTL_BYTES + MAXIMUM_CONTEXT_BYTES) {
    throw new WireError('zmtp', 'malformed PING');
  }
  return ping.subarray(TTL_BYTES);
}
