import { boxesIn, contentOf } from './boxes.ts';
import { textAt, viewOf } from './bytes.ts';

/** Boxes that playing needs, by the box they are in; of those that are not listed all is kept, of these nothing else. */
const KEPT: Readonly<Record<string, ReadonlySet<string>>> = {
  '': new Set(['ftyp', 'moov', 'mdat', 'moof', 'mfra', 'sidx', 'styp', 'free', 'wide']),
  moov: new Set(['mvhd', 'trak', 'mvex', 'iods']),
  trak: new Set(['tkhd', 'tref', 'edts', 'tapt', 'mdia']),
  mdia: new Set(['mdhd', 'hdlr', 'minf']),
};
/** They begin with version (1) and flags (3), then say when they were made and changed, in s: 4 bytes each, or 8 in version 1. */
const DATED = new Set(['mvhd', 'tkhd', 'mdhd']);
/** Tracks of pictures and sound, and what is read to them. Others tell where the camera was at each moment, and more. */
const PLAYED = new Set(['vide', 'soun', 'tmcd', 'text', 'sbtl', 'subt', 'clcp']);
const FREE = [0x66, 0x72, 0x65, 0x65];
/** Where a handler says in words what made it. */
const HANDLER_NAME_AT = 24;
/** Where the box that describes samples has its entries, and an entry for pictures the name of what encoded them. */
const DESCRIPTIONS_AT = 8;
const ENCODER = [42, 74] as const;

/**
 * A film (MP4, QuickTime) in which place, time, device and other notes are overwritten with zeros: tables say at which
 * byte each picture begins, so nothing is taken out. Pictures and sound stay bit for bit. `null` if it is no such film,
 * or cannot be read wholly.
 */
export function withoutFilmNotes(film: Uint8Array): Uint8Array<ArrayBuffer> | null {
  if (film.length < 8 || textAt(film, 4, 4) !== 'ftyp') return null;
  const cleaned = new Uint8Array(film);
  const isRead = clean(cleaned, '', { bytes: cleaned, stream: streamOf(cleaned) });
  // Without a track that is played it is something else, or keeps its tracks where nobody looked.
  return isRead && contentOf(cleaned, 'moov', 'trak') ? cleaned : null;
}

interface Film {
  readonly bytes: Uint8Array;
  /** Has a 1 for each byte that belongs to the stream and has not been erased; `null` if no table tells what is where. */
  readonly stream: Uint8Array | null;
}

function streamOf(film: Uint8Array): Uint8Array | null {
  const boxes = boxesIn(film);
  // In a film of fragments it is anywhere.
  if (!boxes || boxes.some(({ name }) => name === 'moof')) return null;
  const stream = new Uint8Array(film.length);
  for (const { name, content } of boxes) {
    if (name === 'mdat') stream.fill(1, content.byteOffset, content.byteOffset + content.length);
  }
  return stream;
}

/** @returns whether all of it could be read. */
function clean(bytes: Uint8Array, parent: string, film: Film): boolean {
  const boxes = boxesIn(bytes);
  if (!boxes) return false;
  for (const { name, start, content } of boxes) {
    const kind = name === 'trak' ? handlerOf(content) : null;
    const isNoteTrack = kind !== null && !PLAYED.has(kind);
    if (isNoteTrack && !eraseSamples(content, film)) return false;
    if (KEPT[parent]!.has(name) && !isNoteTrack) {
      if (kind === 'vide') eraseEncoder(content);
      if (Object.hasOwn(KEPT, name) && !clean(content, name, film)) return false;
      if (DATED.has(name)) content.subarray(4, 4 + (content[0] === 1 ? 16 : 8)).fill(0);
      if (name === 'hdlr') content.subarray(HANDLER_NAME_AT).fill(0);
      if (name === 'free') content.fill(0);
    } else {
      bytes.set(FREE, start + 4);
      content.fill(0);
    }
  }
  return true;
}

/** What a track holds, as its handler names it; empty if it does not say. */
function handlerOf(track: Uint8Array): string {
  const handler = contentOf(track, 'mdia', 'hdlr');
  return handler ? textAt(handler, 8, 4) : '';
}

/** Cameras write their own name there. */
function eraseEncoder(track: Uint8Array): void {
  const descriptions = contentOf(track, 'mdia', 'minf', 'stbl', 'stsd')?.subarray(DESCRIPTIONS_AT);
  for (const { content } of (descriptions && boxesIn(descriptions)) ?? []) content.subarray(...ENCODER).fill(0);
}

/** Overwrites what a track has in the stream. @returns whether all of that was found. */
function eraseSamples(track: Uint8Array, { bytes, stream }: Film): boolean {
  const tables = contentOf(track, 'mdia', 'minf', 'stbl');
  if (!tables || !stream) return false;
  const [sizes, runs, places, longPlaces] = ['stsz', 'stsc', 'stco', 'co64'].map((name) => contentOf(tables, name));
  const chunks = places ? numbers(places, 4, 4) : longPlaces ? numbers(longPlaces, 4, 8) : null;
  const perChunk = runs ? numbers(runs, 4, 4, 3) : null;
  const one = sizes && sizes.length >= 8 ? viewOf(sizes).getUint32(4) : 0;
  const each = sizes && one === 0 ? numbers(sizes, 8, 4) : null;
  if (!chunks || !perChunk || (one === 0 && !each)) return false;
  if (chunks.length > 0 && perChunk[0] !== 1) return false;
  let sample = 0;
  // Runs are written as first chunk, samples in each, and what they are.
  let run = 0;
  for (const [index, place] of chunks.entries()) {
    while ((perChunk[run + 3] ?? Infinity) <= index + 1) run += 3;
    const inChunk = perChunk[run + 1]!;
    let length = 0;
    if (one > 0) length = one * inChunk;
    else for (let end = Math.min(sample + inChunk, each!.length); sample < end; sample++) length += each![sample]!;
    if (place + length > bytes.length) return false;
    // Each byte is erased once: tables that say otherwise are wrong, and could take forever.
    const left = stream.subarray(place, place + length);
    if (left.includes(0)) return false;
    left.fill(0);
    bytes.fill(0, place, place + length);
  }
  return each === null || sample === each.length;
}

/** The entries of a table: their number, at a place, and after it so many, each of some numbers. `null` if it is cut off. */
function numbers(table: Uint8Array, at: number, bytes: 4 | 8, perEntry = 1): number[] | null {
  if (table.length < at + 4) return null;
  const view = viewOf(table);
  const count = view.getUint32(at) * perEntry;
  if (at + 4 + count * bytes > table.length) return null;
  return Array.from({ length: count }, (_, index) => {
    const place = at + 4 + index * bytes;
    return bytes === 4 ? view.getUint32(place) : Number(view.getBigUint64(place));
  });
}
