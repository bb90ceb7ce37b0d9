import { parseAccountId } from '../account/index.ts';
import { WireError } from '../errors.ts';
import { type Expiry, expiryOf } from './expiry.ts';
import {
  type AttachmentPointer,
  type CallMessage,
  CallMessage_Type,
  type CommunityInvitation,
  type Content,
  type DataExtractionNotification,
  DataExtractionNotification_Type,
  type DataMessage,
  DataMessage_Flags,
  type GroupUpdateMessage,
  type Preview,
  Reaction_Action,
  type ReceiptMessage,
  TypingMessage_Action,
  type UnsendRequest,
} from './generated/content_pb.ts';
import { profileOf, type ReceivedProfile } from './profile.ts';
import { cutToCodePoints, isBlank, MAX_BODY_RECEIVED } from './text.ts';

const MAX_ATTACHMENTS = 32;

/** Which of its messages a content stands for. */
export type ContentKind = Exclude<
  {
    [Name in keyof Content]-?: NonNullable<Content[Name]> extends { $typeName: string } ? Name : never;
  }[keyof Content],
  'proMessage'
>;

/** One message of a content. */
export type ContentPart = {
  [Kind in ContentKind]: { readonly kind: Kind; readonly message: NonNullable<Content[Kind]> };
}[ContentKind];

/** In the order in which they win (messages §7 step 10). */
const KINDS: readonly ContentKind[] = [
  'dataMessage',
  'receiptMessage',
  'typingMessage',
  'dataExtractionNotification',
  'unsendRequest',
  'callMessage',
  'messageRequestResponse',
];

/** The message that counts when a content has several, or `null` if it has none (messages §7 steps 5 and 10). */
export function classifyContent(content: Content): ContentPart | null {
  for (const kind of KINDS) {
    const message = content[kind];
    if (message) return { kind, message } as ContentPart;
  }
  return null;
}

/** What is known about a content from the message that it came in. */
export interface Arrival {
  /** Account id of the author, proven by the message's signature. */
  readonly sender: string;
  /** Timestamp of the envelope, ms since 1970. */
  readonly sentAt: number;
  /** Account id of the account that received the message. */
  readonly ownAccountId: string;
}

/** A message elsewhere: who wrote it and when it was sent, ms since 1970. Nothing says that it exists. */
export interface MessageReference {
  readonly author: string;
  readonly sentAt: number;
}

/** A message to show. At least one of body, attachments and invitation says something. */
export interface VisibleMessage {
  readonly kind: 'visible';
  /** Account id of the other side, also of a copy from another of our own devices; our own id for a note to self. */
  readonly conversation: string;
  /** At most 10,000 code points; may be empty. */
  readonly body: string;
  readonly quote: MessageReference | null;
  readonly preview: Preview | null;
  /** At most 32, each with a URL and a size. */
  readonly attachments: readonly AttachmentPointer[];
  readonly invitation: CommunityInvitation | null;
  readonly expiry: Expiry;
  /** `null` also for our own. */
  readonly profile: ReceivedProfile | null;
  /** Sent time of the first version of what this takes the place of; always earlier than its own. Only our own clients tell it. */
  readonly replaces: number | null;
  /** The one-time token of a contact link. Only our own clients tell it. */
  readonly contactToken: Uint8Array | null;
}

/** A content that may take effect, reduced to what its kind needs. */
export type AcceptedContent =
  | VisibleMessage
  | {
      readonly kind: 'timer-update';
      readonly conversation: string;
      readonly expiry: Expiry;
      readonly profile: ReceivedProfile | null;
    }
  | {
      readonly kind: 'reaction';
      readonly conversation: string;
      readonly target: MessageReference;
      readonly emoji: string;
      readonly removed: boolean;
      readonly profile: ReceivedProfile | null;
    }
  | {
      readonly kind: 'group-update';
      readonly update: GroupUpdateMessage;
      readonly profile: ReceivedProfile | null;
    }
  | { readonly kind: 'receipt'; readonly sentTimes: readonly number[] }
  | { readonly kind: 'typing'; readonly typing: boolean }
  | {
      readonly kind: 'data-extraction';
      readonly what: 'screenshot' | 'media-saved';
      /** Sent time of the message whose attachment was saved. */
      readonly target: number | null;
      readonly expiry: Expiry;
    }
  | { readonly kind: 'unsend'; readonly target: MessageReference }
  | { readonly kind: 'call'; readonly call: CallMessage; readonly expiry: Expiry }
  | {
      readonly kind: 'request-accepted';
      /** Because of a contact link, so that nobody had to answer. Only our own clients tell it. */
      readonly byLink: boolean;
      readonly profile: ReceivedProfile | null;
    };

/** Why a content has no effect; for tests and counters, never for the sender. */
export type DropReason =
  | 'unsupported'
  | 'timestamp'
  | 'not-from-own-account'
  | 'flags'
  | 'too-many-attachments'
  | 'sync-target'
  | 'blank'
  | 'no-emoji'
  | 'foreign-author'
  | 'no-session-description'
  | 'not-approved'
  | 'no-target';

/** A content that is to be ignored silently. */
export interface DroppedContent {
  readonly kind: 'dropped';
  readonly reason: DropReason;
}

/**
 * Applies every receiving rule that needs nothing but the message itself (messages §7 steps 5, 6, 9, 10 and 11, with
 * the rules of §5 for each kind). What needs the state of the account remains to the caller: blocked authors, hidden
 * conversations, duplicates, settings, and whether a target exists.
 */
export function acceptContent(content: Content, arrival: Arrival): AcceptedContent | DroppedContent {
  const part = classifyContent(content);
  if (!part) return drop('unsupported');
  const sentAt = BigInt(arrival.sentAt);
  // Old clients do not sign the time; who does, signs the one on the envelope.
  if (content.sigTimestamp !== 0n && content.sigTimestamp !== sentAt) return drop('timestamp');
  if (arrival.sender === arrival.ownAccountId && !isAllowedFromOwnAccount(part)) return drop('not-from-own-account');

  switch (part.kind) {
    case 'dataMessage':
      return acceptDataMessage(part.message, content, arrival);
    case 'receiptMessage':
      return acceptReceipt(part.message);
    case 'typingMessage':
      if (part.message.timestamp !== sentAt) return drop('timestamp');
      return { kind: 'typing', typing: part.message.action === TypingMessage_Action.STARTED };
    case 'dataExtractionNotification':
      return acceptDataExtraction(part.message, content);
    case 'unsendRequest':
      return acceptUnsend(part.message, arrival);
    case 'callMessage':
      return acceptCall(part.message, content);
    case 'messageRequestResponse':
      if (!part.message.isApproved) return drop('not-approved');
      return {
        kind: 'request-accepted',
        byLink: part.message.sotto?.byLink === true,
        profile: profileOf(part.message),
      };
  }
}

/**
 * Another of our own devices tells us what it wrote and unsent, and that it took or rejected a call. Some clients also
 * copy receipts, typing and request responses to themselves; those copies say nothing to us (messages §4.3, §7 step 9).
 */
function isAllowedFromOwnAccount({ kind, message }: ContentPart): boolean {
  if (kind === 'callMessage')
    return message.type === CallMessage_Type.ANSWER || message.type === CallMessage_Type.END_CALL;
  return kind === 'dataMessage' || kind === 'unsendRequest';
}

function acceptDataMessage(
  data: DataMessage,
  content: Content,
  { sender, sentAt, ownAccountId }: Arrival,
): AcceptedContent | DroppedContent {
  const timerUpdate = (data.flags & DataMessage_Flags.EXPIRATION_TIMER_UPDATE) !== 0;
  if (data.flags !== 0 && !timerUpdate) return drop('flags');
  if (data.attachments.length > MAX_ATTACHMENTS) return drop('too-many-attachments');

  const own = sender === ownAccountId;
  const profile = own ? null : profileOf(data);
  if (data.groupUpdateMessage) return { kind: 'group-update', update: data.groupUpdateMessage, profile };

  const conversation = conversationOf(data.syncTarget, sender, own);
  if (conversation === null) return drop('sync-target');
  if (data.reaction) {
    const { author, id, emoji, action } = data.reaction;
    const target = referenceTo(author, id);
    if (!target) return drop('no-target');
    if (emoji === '') return drop('no-emoji');
    return { kind: 'reaction', conversation, target, emoji, removed: action === Reaction_Action.REMOVE, profile };
  }
  const expiry = expiryOf(content, conversation === ownAccountId);
  if (timerUpdate) return { kind: 'timer-update', conversation, expiry, profile };

  const body = cutToCodePoints(data.body, MAX_BODY_RECEIVED);
  const attachments = data.attachments.filter(({ url, size }) => url !== '' && size > 0);
  const invitation = invitationOf(data);
  if (isBlank(body) && attachments.length === 0 && !invitation) return drop('blank');
  return {
    kind: 'visible',
    conversation,
    body,
    quote: data.quote ? referenceTo(data.quote.author, data.quote.id) : null,
    preview: previewOf(data, body),
    attachments,
    invitation,
    expiry,
    profile,
    replaces: replacedBy(data, sentAt),
    contactToken: data.sotto?.contactToken.length ? data.sotto.contactToken : null,
  };
}

/** Nothing replaces what was written after it. */
function replacedBy({ sotto }: DataMessage, sentAt: number): number | null {
  const first = toTime(sotto?.replaces ?? 0n);
  return first !== null && first > 0 && first < sentAt ? first : null;
}

/**
 * Whom the message was exchanged with: `syncTarget` of a copy from our own account, else the sender. `null` if others
 * send a `syncTarget`, which would let them write in our name (messages §4.3), or if it is no account id.
 */
function conversationOf(syncTarget: string, sender: string, own: boolean): string | null {
  if (syncTarget === '') return sender;
  if (!own) return null;
  try {
    return parseAccountId(syncTarget);
  } catch (error) {
    if (error instanceof WireError) return null;
    throw error;
  }
}

/** Only with a URL and a name (messages §5.15). */
function invitationOf({ communityInvitation }: DataMessage): CommunityInvitation | null {
  return communityInvitation && communityInvitation.url !== '' && communityInvitation.name !== ''
    ? communityInvitation
    : null;
}

/** Only one that has something to show and belongs to a link in the body (messages §5.5). */
function previewOf({ preview: [first] }: DataMessage, body: string): Preview | null {
  return first && first.url !== '' && (first.title !== '' || first.image) && body.includes(first.url) ? first : null;
}

function acceptReceipt({ timestamp }: ReceiptMessage): AcceptedContent | DroppedContent {
  const sentTimes = timestamp.map(toTime).filter((time) => time !== null);
  return sentTimes.length > 0 ? { kind: 'receipt', sentTimes } : drop('no-target');
}

/** Only the author can take a message back (messages §5.9). */
function acceptUnsend({ author, timestamp }: UnsendRequest, { sender }: Arrival): AcceptedContent | DroppedContent {
  const target = referenceTo(author, timestamp);
  if (!target) return drop('no-target');
  return author === sender ? { kind: 'unsend', target } : drop('foreign-author');
}

function acceptDataExtraction({ type, timestamp }: DataExtractionNotification, content: Content): AcceptedContent {
  return {
    kind: 'data-extraction',
    what: type === DataExtractionNotification_Type.SCREENSHOT ? 'screenshot' : 'media-saved',
    target: timestamp === 0n ? null : toTime(timestamp),
    expiry: expiryOf(content, false),
  };
}

function acceptCall(call: CallMessage, content: Content): AcceptedContent | DroppedContent {
  if (call.type === CallMessage_Type.PROVISIONAL_ANSWER) return drop('unsupported');
  const needsDescription = call.type !== CallMessage_Type.PRE_OFFER && call.type !== CallMessage_Type.END_CALL;
  if (needsDescription && call.sdps.length === 0) return drop('no-session-description');
  return { kind: 'call', call, expiry: expiryOf(content, false) };
}

function referenceTo(author: string, timestamp: bigint): MessageReference | null {
  const sentAt = toTime(timestamp);
  return sentAt === null ? null : { author, sentAt };
}

/** `null` for a time that no message can have. */
function toTime(timestamp: bigint): number | null {
  return timestamp <= Number.MAX_SAFE_INTEGER ? Number(timestamp) : null;
}

function drop(reason: DropReason): DroppedContent {
  return { kind: 'dropped', reason };
}
