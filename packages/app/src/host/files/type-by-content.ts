/** Types that a browser may show inside the page; everything else is only ever saved. */
export type ShownType =
  | 'image/jpeg'
  | 'image/png'
  | 'image/gif'
  | 'image/webp'
  | 'image/avif'
  | 'video/mp4'
  | 'video/webm'
  | 'audio/mpeg'
  | 'audio/mp4'
  | 'audio/ogg'
  | 'audio/wav'
  | 'audio/webm'
  | 'audio/aac'
  | 'audio/flac';

/** Brands of the ISO container that say what is in it; other brands are films. */
const ISO_BRANDS: Readonly<Record<string, ShownType>> = {
  avif: 'image/avif',
  avis: 'image/avif',
  'M4A ': 'audio/mp4',
  'M4B ': 'audio/mp4',
};
/** Pictures that browsers do not show. */
const ISO_UNSHOWN = new Set(['heic', 'heix', 'hevc', 'hevx', 'heim', 'heis', 'mif1', 'msf1']);

/**
 * What a file is, by how it begins. What its sender said counts only where the same container holds sound or film:
 * there `claimed` (a content type) chooses between the two. `null` for whatever must not be shown inside the page.
 */
export function typeByContent(bytes: Uint8Array, claimed = ''): ShownType | null {
  const sound = claimed.toLowerCase().startsWith('audio/');
  if (begins(bytes, [0xff, 0xd8, 0xff])) return 'image/jpeg';
  if (begins(bytes, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])) return 'image/png';
  if (text(bytes, 0, 6) === 'GIF87a' || text(bytes, 0, 6) === 'GIF89a') return 'image/gif';
  if (text(bytes, 0, 4) === 'RIFF') {
    if (text(bytes, 8, 4) === 'WEBP') return 'image/webp';
    return text(bytes, 8, 4) === 'WAVE' ? 'audio/wav' : null;
  }
  if (text(bytes, 4, 4) === 'ftyp') {
    const brand = text(bytes, 8, 4);
    if (ISO_UNSHOWN.has(brand)) return null;
    return ISO_BRANDS[brand] ?? (sound ? 'audio/mp4' : 'video/mp4');
  }
  if (begins(bytes, [0x1a, 0x45, 0xdf, 0xa3])) return sound ? 'audio/webm' : 'video/webm';
  if (text(bytes, 0, 4) === 'OggS') return 'audio/ogg';
  if (text(bytes, 0, 4) === 'fLaC') return 'audio/flac';
  if (text(bytes, 0, 3) === 'ID3') return 'audio/mpeg';
  // Eleven set bits begin a frame of MPEG sound; layer 0 is how ADTS, the frames of AAC, differ.
  if (bytes[0] === 0xff && (bytes[1]! & 0xf6) === 0xf0) return 'audio/aac';
  return bytes[0] === 0xff && (bytes[1]! & 0xe6) === 0xe2 ? 'audio/mpeg' : null;
}

function begins(bytes: Uint8Array, magic: readonly number[]): boolean {
  return magic.every((byte, at) => bytes[at] === byte);
}

function text(bytes: Uint8Array, start: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(start, start + length));
}
