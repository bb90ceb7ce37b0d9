import { join, textAt, viewOf } from './bytes.ts';

/** What an animation consists of: the canvas, how it repeats, and its frames. */
const KEPT = new Set(['VP8X', 'ANIM', 'ANMF']);
/** What a frame consists of. */
const KEPT_IN_FRAME = new Set(['ALPH', 'VP8 ', 'VP8L']);
/** Flags of `VP8X` that announce a colour profile, EXIF and XMP. */
const NOTES = 0x20 | 0x08 | 0x04;
const ANIMATED = 0x02;
const FRAME_HEADER_BYTES = 16;

/** One chunk of RIFF: a name, a size, and so many bytes, padded to an even number. */
interface Chunk {
  readonly name: string;
  readonly payload: Uint8Array;
}

/**
 * An animated WebP without EXIF, XMP, colour profile, unknown chunks and whatever follows its end; pictures and timing
 * stay bit for bit. `null` if it is not a whole WebP, or not animated.
 */
export function animatedWebp(webp: Uint8Array): Uint8Array<ArrayBuffer> | null {
  if (webp.length < 12 || textAt(webp, 0, 4) !== 'RIFF' || textAt(webp, 8, 4) !== 'WEBP') return null;
  const size = viewOf(webp).getUint32(4, true);
  const chunks = size + 8 <= webp.length ? chunksOf(webp.subarray(12, 8 + size)) : null;
  const [canvas] = chunks ?? [];
  if (!chunks || canvas?.name !== 'VP8X' || canvas.payload.length !== 10) return null;
  if ((canvas.payload[0]! & ANIMATED) === 0 || !chunks.some(({ name }) => name === 'ANMF')) return null;
  const parts: Uint8Array[] = [];
  for (const { name, payload } of chunks.filter((chunk) => KEPT.has(chunk.name))) {
    const cleaned = name === 'ANMF' ? cleanFrame(payload) : new Uint8Array(payload);
    if (cleaned === null) return null;
    if (name === 'VP8X') cleaned[0]! &= ~NOTES;
    parts.push(chunk(name, cleaned));
  }
  return chunk('RIFF', join([Uint8Array.from('WEBP', (letter) => letter.charCodeAt(0)), ...parts]));
}

function cleanFrame(frame: Uint8Array): Uint8Array<ArrayBuffer> | null {
  const chunks = frame.length < FRAME_HEADER_BYTES ? null : chunksOf(frame.subarray(FRAME_HEADER_BYTES));
  if (!chunks) return null;
  const kept = chunks.filter(({ name }) => KEPT_IN_FRAME.has(name)).map(({ name, payload }) => chunk(name, payload));
  return join([frame.subarray(0, FRAME_HEADER_BYTES), ...kept]);
}

/** `null` if the last one is cut off. */
function chunksOf(bytes: Uint8Array): readonly Chunk[] | null {
  const chunks: Chunk[] = [];
  const view = viewOf(bytes);
  for (let at = 0; at < bytes.length; ) {
    if (at + 8 > bytes.length) return null;
    const size = view.getUint32(at + 4, true);
    const end = at + 8 + size;
    if (end > bytes.length) return null;
    chunks.push({ name: textAt(bytes, at, 4), payload: bytes.subarray(at + 8, end) });
    at = end + (size % 2);
  }
  return chunks;
}

function chunk(name: string, payload: Uint8Array): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(8 + payload.length + (payload.length % 2));
  whole.set(Uint8Array.from(name, (letter) => letter.charCodeAt(0)));
  viewOf(whole).setUint32(4, payload.length, true);
  whole.set(payload, 8);
  return whole;
}
