import { MOST_FILE_BYTES } from '../../../engine/files.ts';
import { cleanAnimation } from '../files/animation.ts';
import { safeName } from '../files/file-name.ts';
import { withoutFilmNotes } from '../files/film.ts';

/** How large pictures are sent: as they are, or with their longer side at most so many px. */
export type PictureSize = 'original' | 2048 | 1024;

/** What a person should know about a file before it leaves. */
type FileWarning =
  /** It is sent as it is: what the camera or program wrote into it goes along. */
  | 'as-is'
  /** A picture that this browser cannot read; sent as a file. */
  | 'unreadable-picture'
  /** An animation whose notes were taken out. */
  | 'animation-cleaned'
  /** A film whose notes were taken out. */
  | 'film-cleaned';

/** A file as it will be sent. */
export interface PreparedFile {
  readonly blob: Blob;
  readonly contentType: string;
  readonly fileName: string;
  readonly width?: number;
  readonly height?: number;
  readonly warning: FileWarning | null;
}

const QUALITY = 0.9;
const NEW_EXTENSION = { 'image/jpeg': '.jpg', 'image/png': '.png' } as const;

const ANIMATED = new Set(['image/gif', 'image/webp', 'image/png']);
const FILMS = new Set(['video/mp4', 'video/quicktime', 'video/x-m4v', 'video/3gpp']);

/**
 * Makes a file ready to be sent. Pictures are drawn anew, so that place, time and camera are not in them; animations and
 * films stay as they are and lose their notes; everything else stays as it is.
 */
export async function prepareFile(file: File, size: PictureSize): Promise<PreparedFile> {
  const type = file.type.toLowerCase();
  // What is larger is not sent, so it need not be read.
  const bytes = async () => (file.size > MOST_FILE_BYTES ? null : new Uint8Array(await file.arrayBuffer()));
  if (ANIMATED.has(type)) {
    const read = await bytes();
    const animation = read && cleanAnimation(read);
    if (animation) return prepareAnimation(file, animation);
    if (type === 'image/gif') return asUnreadable(file);
  }
  if (type.startsWith('image/') && type !== 'image/svg+xml') return preparePicture(file, size);
  if (FILMS.has(type)) {
    const read = await bytes();
    const cleaned = read && withoutFilmNotes(read);
    if (cleaned) return { ...asIs(file, 'film-cleaned'), blob: new Blob([cleaned], { type: file.type }) };
  }
  const carriesNotes = /^(video|audio)\//.test(type) || type.includes('pdf') || type.includes('officedocument');
  return asIs(file, carriesNotes ? 'as-is' : null);
}

function asIs(file: File, warning: FileWarning | null): PreparedFile {
  return {
    blob: file,
    contentType: file.type || 'application/octet-stream',
    fileName: safeName(file.name),
    warning,
  };
}

function asUnreadable(file: File): PreparedFile {
  return { ...asIs(file, 'unreadable-picture'), contentType: 'application/octet-stream' };
}

function prepareAnimation(
  file: File,
  { bytes, ...about }: NonNullable<ReturnType<typeof cleanAnimation>>,
): PreparedFile {
  const blob = new Blob([bytes], { type: about.contentType });
  return { ...asIs(file, 'animation-cleaned'), blob, ...about };
}

async function preparePicture(file: File, size: PictureSize): Promise<PreparedFile> {
  const picture = await createImageBitmap(file, { imageOrientation: 'from-image' }).catch(() => null);
  if (picture === null) return asUnreadable(file);
  const scale = size === 'original' ? 1 : Math.min(1, size / Math.max(picture.width, picture.height));
  const width = Math.max(1, Math.round(picture.width * scale));
  const height = Math.max(1, Math.round(picture.height * scale));
  const canvas = new OffscreenCanvas(width, height);
  canvas.getContext('2d')!.drawImage(picture, 0, 0, width, height);
  picture.close();
  let type: keyof typeof NEW_EXTENSION = file.type === 'image/jpeg' ? 'image/jpeg' : 'image/png';
  let blob = await canvas.convertToBlob({ type, quality: QUALITY });
  if (type === 'image/png' && blob.size > MOST_FILE_BYTES) {
    type = 'image/jpeg';
    blob = await canvas.convertToBlob({ type, quality: QUALITY });
  }
  const fileName = safeName(file.name).replace(/\.[^.]*$/, '') + NEW_EXTENSION[type];
  return { blob, contentType: type, fileName, width, height, warning: null };
}
