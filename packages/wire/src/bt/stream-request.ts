import { concatBytes, utf8ToBytes } from '../bytes/index.ts';
import { WireError } from '../errors.ts';
import { encodeBt } from './encode.ts';
import { BtListReader } from './reader.ts';

/** One frame of a QUIC request stream: a command, or the reply or error to one. */
export type StreamRequest =
  | { readonly type: 'command'; readonly id: number; readonly endpoint: string; readonly body: Uint8Array }
  | { readonly type: 'reply' | 'error'; readonly id: number; readonly body: Uint8Array };

const LETTERS = { command: 'C', reply: 'R', error: 'E' } as const;
const MAXIMUM_FRAME_BYTES = 10_000_000;
/** Digits of the largest length, and the colon. */
const MAXIMUM_PREFIX_BYTES = 9;
const COLON = 0x3a;
const ZERO = 0x30;

/** `<length>:<list>` (node-network §11.1). @throws WireError `bt` for a frame beyond 10,000,000 bytes. */
export function encodeStreamRequest(request: StreamRequest): Uint8Array {
  const letter = LETTERS[request.type];
  const list = encodeBt(
    request.type === 'command'
      ? [letter, request.id, request.endpoint, request.body]
      : [letter, request.id, request.body],
  );
  if (list.length > MAXIMUM_FRAME_BYTES) throw new WireError('bt', 'frame too long');
  return concatBytes(utf8ToBytes(`${list.length}:`), list);
}

/**
 * Reads the first frame of what a stream has brought so far: the request and how many bytes it took, or null while
 * more must come (node-network §11.1). The body is a view of the input.
 * @throws WireError `bt` for a bad length or list; the stream cannot be used further.
 */
export function decodeStreamRequest(buffered: Uint8Array): { request: StreamRequest; size: number } | null {
  const prefix = readLength(buffered);
  if (prefix === null) return null;
  const size = prefix.size + prefix.length;
  if (buffered.length < size) return null;
  return { request: readRequest(buffered.subarray(prefix.size, size)), size };
}

function readLength(buffered: Uint8Array): { length: number; size: number } | null {
  let length = 0;
  for (let index = 0; index < MAXIMUM_PREFIX_BYTES; index++) {
    const byte = buffered[index];
    if (byte === undefined) return null;
    if (byte === COLON && index > 0) {
      if (length < 1 || length > MAXIMUM_FRAME_BYTES) break;
      return { length, size: index + 1 };
    }
    const digit = byte - ZERO;
    if (digit < 0 || digit > 9) break;
    length = length * 10 + digit;
  }
  throw new WireError('bt', 'bad frame length');
}

function readRequest(frame: Uint8Array): StreamRequest {
  const list = new BtListReader(frame);
  const letter = list.readText();
  const id = list.readNumber('int64');
  let request: StreamRequest;
  if (letter === LETTERS.command) {
    request = { type: 'command', id, endpoint: list.readText(), body: list.readBytes() };
  } else if (letter === LETTERS.reply || letter === LETTERS.error) {
    request = { type: letter === LETTERS.reply ? 'reply' : 'error', id, body: list.readBytes() };
  } else {
    throw new WireError('bt', 'unknown kind of frame');
  }
  while (list.next !== 'end') list.skip();
  list.finish();
  return request;
}
