import { type Attachment, engine, type Message } from '../../../engine/connection.ts';
import { readFile } from '../../../engine/files.ts';
import { saveBlob } from '../../../parts/save-blob.ts';
import { safeName } from './file-name.ts';

const EXTENSIONS: Readonly<Record<string, string>> = {
  'image/jpeg': '.jpg',
  'image/png': '.png',
  'image/gif': '.gif',
  'image/webp': '.webp',
  'image/avif': '.avif',
  'video/mp4': '.mp4',
  'video/webm': '.webm',
  'audio/mpeg': '.mp3',
  'audio/mp4': '.m4a',
  'audio/ogg': '.ogg',
  'audio/webm': '.webm',
  'audio/wav': '.wav',
};

/**
 * Hands a file to the browser to be saved, never to be opened; who sent it is told (messages §5.14).
 * @throws FileError
 */
export async function saveFile(message: Message, attachment: Attachment): Promise<void> {
  const blob = await readFile(`attachments/${attachment.id}`, attachment.contentType.startsWith('audio/'));
  const name = attachment.fileName === null ? `file${EXTENSIONS[blob.type] ?? ''}` : safeName(attachment.fileName);
  saveBlob(blob, name);
  // The file is saved, whether or not that could be told.
  if (message.direction === 'in') {
    await engine.attachments.noteSaved.mutate({ attachmentId: attachment.id }).catch(() => {});
  }
}
