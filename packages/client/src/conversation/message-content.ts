import type { AttachmentPointer, VisibleMessage } from '@sotto/wire/content';
import { AttachmentPointer_Flags } from '@sotto/wire/content';
import type { AttachmentRecord, NewAttachment } from '../store/attachment-table.ts';
import type { MessageContent } from '../store/message-table.ts';
import type { ProfileStore } from '../store/profile-store.ts';

const LONGEST_URL = 2048;
const LONGEST_FILE_NAME = 255;
const LONGEST_CONTENT_TYPE = 100;
const LONGEST_TEXT = 2000;
const ACCOUNT_ID_LENGTH = 66;
/** Of a name that is cut: its end says what kind of file it is. */
const NAME_END = 50;

/** What a received message says, apart from its files. */
export function contentOf(
  { body, quote, preview, invitation }: VisibleMessage,
  { store, sender, ownId }: { readonly store: ProfileStore; readonly sender: string; readonly ownId: string },
): MessageContent {
  return {
    body,
    // Nobody is known by a longer name.
    quote: quote && quote.author.length <= ACCOUNT_ID_LENGTH ? store.versions.first(quote) : null,
    details: {
      ...(preview ? { preview: { url: preview.url, title: preview.title.slice(0, LONGEST_TEXT) || null } } : {}),
      ...(invitation ? { invitation: { url: invitation.url, name: invitation.name.slice(0, LONGEST_TEXT) } } : {}),
    },
    mentionsUs: sender !== ownId && mentionsUs(body, quote?.author ?? null, ownId),
  };
}

/** Our own id after an `@`, or an answer to us (messages §5.2). */
function mentionsUs(body: string, quoted: string | null, ownId: string): boolean {
  return quoted === ownId || new RegExp(`@(?:05)?${ownId.slice(2)}(?![0-9a-f])`, 'i').test(body);
}

/**
 * The files of a received message; those of its earlier version that are the same stay on this device. Of a trusted
 * sender they load at once (messages §5.16).
 */
export function attachmentsOf(
  { attachments, preview }: VisibleMessage,
  before: readonly AttachmentRecord[],
  isTrusted: boolean,
): NewAttachment[] {
  const image = preview?.image;
  const all = [
    ...attachments.map((pointer) => attachmentOf(pointer, false)),
    ...(image && image.url !== '' && image.size > 0 ? [attachmentOf(image, true)] : []),
  ];
  return all
    .filter(({ pointer }) => pointer!.url.length <= LONGEST_URL)
    .map((attachment) => {
      const same = before.find(({ pointer }) => pointer?.url === attachment.pointer!.url);
      const blob = same?.blob ?? null;
      const isWanted = (isTrusted || same?.isWanted === true) && blob === null;
      return { ...attachment, blob, isWanted };
    });
}

function attachmentOf(pointer: AttachmentPointer, isPreview: boolean): NewAttachment {
  return {
    isPreview,
    contentType: pointer.contentType.slice(0, LONGEST_CONTENT_TYPE),
    fileName: cutName(pointer.fileName) || null,
    size: pointer.size,
    width: pointer.width || null,
    height: pointer.height || null,
    isVoice: (pointer.flags & AttachmentPointer_Flags.VOICE_MESSAGE) !== 0,
    caption: pointer.caption.slice(0, LONGEST_TEXT) || null,
    pointer: { url: pointer.url, key: pointer.key, digest: pointer.digest.length > 0 ? pointer.digest : null },
    blob: null,
    isWanted: false,
  };
}

function cutName(name: string): string {
  if (name.length <= LONGEST_FILE_NAME) return name;
  return `${name.slice(0, LONGEST_FILE_NAME - NAME_END - 1)}…${name.slice(-NAME_END)}`;
}
