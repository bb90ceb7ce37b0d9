import { join, textAt, viewOf } from './bytes.ts';

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
/** What pictures and timing consist of; others are texts, times and what programs wrote about themselves. */
const KEPT = new Set(['IHDR', 'PLTE', 'tRNS', 'gAMA', 'cHRM', 'sRGB', 'sBIT', 'acTL', 'fcTL', 'fdAT', 'IDAT', 'IEND']);

/**
 * An animated PNG without texts, EXIF, colour profile, unknown chunks and whatever follows its end; pictures and timing
 * stay bit for bit. `null` if it is not a whole PNG, or not animated.
 */
export function animatedPng(png: Uint8Array): Uint8Array<ArrayBuffer> | null {
  if (!SIGNATURE.every((byte, at) => png[at] === byte)) return null;
  const view = viewOf(png);
  const kept: Uint8Array[] = [png.subarray(0, SIGNATURE.length)];
  let isAnimated = false;
  for (let at = SIGNATURE.length; at + 12 <= png.length; ) {
    const end = at + 12 + view.getUint32(at);
    const name = textAt(png, at + 4, 4);
    const isFirst = at === SIGNATURE.length;
    if (end > png.length || isFirst !== (name === 'IHDR')) return null;
    isAnimated ||= name === 'acTL';
    // Animated or not is decided before the first picture.
    if (name === 'IDAT' && !isAnimated) return null;
    if (KEPT.has(name)) kept.push(png.subarray(at, end));
    if (name === 'IEND') return isAnimated ? join(kept) : null;
    at = end;
  }
  return null;
}
