import { animatedPng } from './apng.ts';
import { viewOf } from './bytes.ts';
import { withoutNotes } from './gif.ts';
import { animatedWebp } from './webp.ts';

/** More than anything shows. */
const MOST_PIXELS = 100_000;

/** An animation whose notes were taken out. */
interface CleanAnimation {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly contentType: 'image/gif' | 'image/webp' | 'image/png';
  /** Not there if what the file says cannot be true: some programs write zeros. */
  readonly width?: number;
  readonly height?: number;
}

/** Reads an animation (GIF, WebP, PNG) and leaves out what is not its pictures; `null` for everything else. */
export function cleanAnimation(file: Uint8Array): CleanAnimation | null {
  const gif = withoutNotes(file);
  if (gif) {
    const view = viewOf(gif);
    return { bytes: gif, contentType: 'image/gif', ...sides(view.getUint16(6, true), view.getUint16(8, true)) };
  }
  const webp = animatedWebp(file);
  if (webp) {
    // Both are stored less one, in 24 bits.
    const side = (at: number) => 1 + (viewOf(webp).getUint32(at, true) & 0xffffff);
    return { bytes: webp, contentType: 'image/webp', ...sides(side(24), side(27)) };
  }
  const png = animatedPng(file);
  if (!png) return null;
  const view = viewOf(png);
  return { bytes: png, contentType: 'image/png', ...sides(view.getUint32(16), view.getUint32(20)) };
}

function sides(width: number, height: number): Pick<CleanAnimation, 'width' | 'height'> {
  return Math.min(width, height) > 0 && Math.max(width, height) <= MOST_PIXELS ? { width, height } : {};
}
