import type { Attachment } from '../../../engine/connection.ts';

/** How a file is shown. What its sender says decides what is tried; what the host finds in it decides what is shown. */
export type AttachmentKind = 'picture' | 'film' | 'voice' | 'sound' | 'file';

const PICTURES = /^image\/(jpeg|png|gif|webp|avif)$/;

export function kindOf({
  contentType,
  isVoiceMessage,
}: Pick<Attachment, 'contentType' | 'isVoiceMessage'>): AttachmentKind {
  const type = contentType.toLowerCase().split(';')[0]!.trim();
  if (isVoiceMessage) return 'voice';
  if (PICTURES.test(type)) return 'picture';
  if (type.startsWith('video/')) return 'film';
  return type.startsWith('audio/') ? 'sound' : 'file';
}
