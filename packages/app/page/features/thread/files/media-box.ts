import type { Attachment, Message } from '../../../engine/connection.ts';
import { kindOf } from './attachment-kind.ts';

/** A single picture is as wide as this, in px, unless it is smaller or very high. */
const WIDTH = 280;
const HIGHEST = 320;
const LOWEST = 72;
const NARROWEST = 120;
/** Words below a picture have room to be read. */
const NARROWEST_WITH_WORDS = 240;
const WIDTH_OF_SEVERAL = 288;
/** What a bubble has left and right of its pictures: a line and a little of its own colour. */
const AROUND = 10;

/** The pictures and films of a message. */
export function mediaOf({ attachments }: Pick<Message, 'attachments'>): readonly Attachment[] {
  return attachments.filter((attachment) => ['picture', 'film'].includes(kindOf(attachment)));
}

/** How wide a bubble with pictures is, in px, so that no word makes it wider than they are; `null` without any. */
export function bubbleWidth(message: Message): number | null {
  const media = mediaOf(message);
  if (message.deleted || media.length === 0) return null;
  return AROUND + (media.length === 1 ? boxOf(media[0]!, hasWords(message)).width : WIDTH_OF_SEVERAL);
}

/** Where a single picture stands, in px, large enough for the words below it. */
export function singleBox(message: Message): { width: number; height: number } {
  return boxOf(mediaOf(message)[0]!, hasWords(message));
}

function hasWords(message: Message): boolean {
  const { body, quote, preview, attachments } = message;
  return (
    body !== '' ||
    quote !== null ||
    preview !== null ||
    attachments.length > 1 ||
    attachments.some(({ caption }) => caption !== null)
  );
}

function boxOf({ width, height }: Attachment, withWords: boolean): { width: number; height: number } {
  const ratio = Math.min(3, Math.max(0.4, (width ?? 4) / (height ?? 3)));
  const shown = Math.min(WIDTH, width === null ? WIDTH : Math.max(width, NARROWEST), HIGHEST * ratio);
  return {
    width: Math.round(Math.max(shown, withWords ? NARROWEST_WITH_WORDS : 0)),
    height: Math.round(Math.max(shown / ratio, LOWEST)),
  };
}
