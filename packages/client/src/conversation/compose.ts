import {
  AttachmentPointer_Flags,
  Content_ExpirationType,
  type ContentInit,
  DataExtractionNotification_Type,
  DataMessage_Flags,
  encodeContent,
  Reaction_Action,
  ReceiptMessage_Type,
  TypingMessage_Action,
} from '@sotto/wire/content';
import type { Disappearing } from '../engine.ts';
import type { OwnProfile } from '../store/account-table.ts';
import type { AttachmentRecord } from '../store/attachment-table.ts';
import { currentSentAt, type MessageKey, type MessageRecord } from '../store/message-record.ts';

/** A message with all that travels with it. */
export interface Composition {
  readonly message: MessageRecord;
  /** All uploaded. */
  readonly attachments: readonly AttachmentRecord[];
}

/** The encoded Content of a message for somebody else (messages §3, §5.6); `contactToken`: of their link, until they accepted us. */
export function messageContent(
  composition: Composition,
  profile: OwnProfile,
  contactToken: Uint8Array | null,
): Uint8Array {
  return encode(composition, profileFields(profile), contactToken);
}

/** The encoded Content of the copy for our own devices: it says whom the message was for, and no profile (messages §4.3). */
export function copyContent(composition: Composition): Uint8Array {
  return encode(composition, { syncTarget: composition.message.conversationId }, null);
}

/** The encoded Content that tells somebody that we accept them (messages §5.11); `byLink`: because they came by a link of ours. */
export function acceptanceContent(sentAt: number, profile: OwnProfile, byLink: boolean): Uint8Array {
  return encodeContent({
    messageRequestResponse: {
      isApproved: true,
      ...profileFields(profile),
      ...(byLink ? { sotto: { byLink } } : {}),
    },
    sigTimestamp: BigInt(sentAt),
  });
}

/** A reaction to a message, named by its current version (messages §5.4). `syncTarget` in the copy for our devices. */
export function reactionContent(
  { target, emoji, removed }: { readonly target: MessageKey; readonly emoji: string; readonly removed: boolean },
  sentAt: number,
  syncTarget: string | null,
): Uint8Array {
  const action = removed ? Reaction_Action.REMOVE : Reaction_Action.REACT;
  const reaction = { id: BigInt(target.sentAt), author: target.author, emoji, action };
  return encodeContent({
    dataMessage: { reaction, ...(syncTarget === null ? {} : { syncTarget }) },
    sigTimestamp: BigInt(sentAt),
  });
}

/** Asks to delete one of our messages (messages §5.9). */
export function unsendContent({ author, sentAt: timestamp }: MessageKey, sentAt: number): Uint8Array {
  return encodeContent({ unsendRequest: { timestamp: BigInt(timestamp), author }, sigTimestamp: BigInt(sentAt) });
}

/** Tells which messages we have read (messages §5.8). */
export function receiptContent(times: readonly number[], sentAt: number): Uint8Array {
  const receiptMessage = { type: ReceiptMessage_Type.READ, timestamp: times.map(BigInt) };
  return encodeContent({ receiptMessage, sigTimestamp: BigInt(sentAt) });
}

/** Tells that we type, or stopped (messages §5.7). */
export function typingContent(isTyping: boolean, sentAt: number): Uint8Array {
  const action = isTyping ? TypingMessage_Action.STARTED : TypingMessage_Action.STOPPED;
  return encodeContent({ typingMessage: { timestamp: BigInt(sentAt), action }, sigTimestamp: BigInt(sentAt) });
}

/** Tells that we saved a file of a message (messages §5.14). */
export function savedContent(savedSentAt: number, sentAt: number, disappearing: Disappearing | null): Uint8Array {
  // In a conversation whose messages disappear after sending, this one does after reading.
  const expiry = disappearing && { ...disappearing, mode: 'after-read' as const };
  return encodeContent({
    dataExtractionNotification: {
      type: DataExtractionNotification_Type.MEDIA_SAVED,
      timestamp: BigInt(savedSentAt),
    },
    sigTimestamp: BigInt(sentAt),
    ...expiryFields(expiry),
  });
}

/** Tells how what we send disappears from now on (messages §5.13). `syncTarget` in the copy for our devices. */
export function timerContent(disappearing: Disappearing | null, sentAt: number, syncTarget: string | null): Uint8Array {
  return encodeContent({
    dataMessage: {
      flags: DataMessage_Flags.EXPIRATION_TIMER_UPDATE,
      ...(syncTarget === null ? {} : { syncTarget }),
    },
    sigTimestamp: BigInt(sentAt),
    ...expiryFields(disappearing),
  });
}

function encode(
  { message, attachments }: Composition,
  addressing: { readonly syncTarget: string } | ReturnType<typeof profileFields>,
  contactToken: Uint8Array | null,
): Uint8Array {
  const { body, quote, details, sentAt, versionAt, disappearing } = message;
  const { preview, invitation } = details;
  const image = attachments.find(({ isPreview }) => isPreview);
  const sotto = {
    ...(versionAt === null ? {} : { replaces: BigInt(sentAt!) }),
    ...(contactToken === null ? {} : { contactToken }),
  };
  return encodeContent({
    dataMessage: {
      ...addressing,
      ...(body === '' ? {} : { body }),
      attachments: attachments.filter(({ isPreview }) => !isPreview).map(pointerOf),
      ...(quote ? { quote: { id: BigInt(quote.sentAt), author: quote.author } } : {}),
      preview: preview
        ? [{ url: preview.url, title: preview.title ?? '', ...(image ? { image: pointerOf(image) } : {}) }]
        : [],
      ...(invitation ? { communityInvitation: invitation } : {}),
      ...(Object.keys(sotto).length > 0 ? { sotto } : {}),
    },
    sigTimestamp: BigInt(currentSentAt(message)!),
    ...expiryFields(disappearing),
  });
}

/** (messages §5.16) */
function pointerOf({ pointer, ...attachment }: AttachmentRecord) {
  const { url, key, digest } = pointer!;
  const fileId = new URL(url).pathname.split('/').at(-1)!;
  return {
    id: /^\d{1,19}$/.test(fileId) ? BigInt(fileId) : 0n,
    contentType: attachment.contentType,
    key,
    size: attachment.size,
    ...(digest ? { digest } : {}),
    ...(attachment.fileName === null ? {} : { fileName: attachment.fileName }),
    ...(attachment.isVoice ? { flags: AttachmentPointer_Flags.VOICE_MESSAGE } : {}),
    ...(attachment.width === null ? {} : { width: attachment.width }),
    ...(attachment.height === null ? {} : { height: attachment.height }),
    ...(attachment.caption === null ? {} : { caption: attachment.caption }),
    url,
  };
}

function expiryFields(disappearing: Disappearing | null): Pick<ContentInit, 'expirationType' | 'expirationTimer'> {
  if (!disappearing) return { expirationType: Content_ExpirationType.UNKNOWN, expirationTimer: 0 };
  const { mode, seconds } = disappearing;
  const { DELETE_AFTER_READ, DELETE_AFTER_SEND } = Content_ExpirationType;
  return { expirationType: mode === 'after-read' ? DELETE_AFTER_READ : DELETE_AFTER_SEND, expirationTimer: seconds };
}

function profileFields({ name, changedAt, picture }: OwnProfile) {
  if (name === '') return {};
  const lastUpdateSeconds = BigInt(Math.floor(changedAt / 1000));
  if (!picture) return { profile: { displayName: name, lastUpdateSeconds } };
  return { profile: { displayName: name, profilePicture: picture.url, lastUpdateSeconds }, profileKey: picture.key };
}
