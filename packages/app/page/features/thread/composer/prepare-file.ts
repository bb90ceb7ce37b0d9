import { MOST_FILE_BYTES } from '../../../engine/files.ts';
import { safeName } from '../files/file-name.ts';
import { withoutNotes } from '../files/gif.ts';

/** How large pictures are sent: as they are, or with their longer side at most so many px. */
export type PictureSize = 'original' | 2048 | 1024;

/** What a person should know about a file before it leaves. */
type FileWarning =
  /** It is sent as it is: what the camera or program wrote into it goes along. */
  | 'as-is'
  /** A picture that this browser cannot read; sent as a file. */
  | 'unreadable-picture'
  /** An animation whose notes were taken out. */
  | 'animation-cleaned';

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

/**
 * Makes a file ready to be sent. Pictures are drawn anew, so that place, time and camera are not in them; GIFs keep
 * their animation and lose their notes; everything else stays as it is.
 */
export async function prepareFile(file: File, size: PictureSize): Promise<PreparedFile> {
  const type = file.type.toLowerCase();
  if (type === 'image/gif') return prepareGif(file);
  if (type.startsWith('image/') && type !== 'image/svg+xml') return preparePicture(file, size);
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

async function prepareGif(file: File): Promise<PreparedFile> {
  const cleaned = withoutNotes(new Uint8Array(await file.arrayBuffer()));
  if (cleaned === null) return { ...asIs(file, 'unreadable-picture'), contentType: 'application/octet-stream' };
  const view = new DataView(cleaned.buffer);
  return {
    ...asIs(file, 'animation-cleaned'),
    blob: new Blob([cleaned], { type: 'image/gif' }),
    width: view.getUint16(6, true),
    height: view.getUint16(8, true),
  };
}

async function preparePicture(file: File, size: PictureSize): Promise<PreparedFile> {
  const picture = await createImageBitmap(file, { imageOrientation: 'from-image' }).catch(() => null);
  if (picture === null) return { ...asIs(file, 'unreadable-picture'), contentType: 'application/octet-stream' };
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
