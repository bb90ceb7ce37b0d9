import type { DisappearingMode } from './conversation.ts';

/** Where a message that we wrote stands on its way. */
export type DeliveryState = 'waiting' | 'sending' | 'stored' | 'failed';

/**
 * Why a message could not be sent, in terms a person can act on; screens translate it. Without a network messages wait
 * and do not fail, so `offline` is told only by engines that cannot keep them.
 */
export type FailureReason =
  | 'offline'
  | 'network-unreachable'
  | 'refused'
  | 'clock-wrong'
  | 'too-long'
  | 'attachment-lost'
  | 'no-file-server'
  /** The person stopped the upload. */
  | 'cancelled';

/**
 * What a line of a conversation is. All but `message` are notices without a body: a missed call, a setting for
 * disappearing messages that its author changed, a screenshot or saved file that they told of, an accepted request.
 */
export type MessageKind =
  | 'message'
  | 'missed-call'
  | 'timer-changed'
  | 'screenshot-taken'
  | 'media-saved'
  | 'request-accepted'
  | 'community-invitation';

/** A line in a conversation: a message, or a notice of something that happened. */
export interface Message {
  /** Local id, stable over restarts, unique in this profile. */
  readonly id: string;
  readonly conversationId: string;
  readonly kind: MessageKind;
  readonly direction: 'in' | 'out';
  /** Account id (66 hex) of the author. */
  readonly author: string;
  /** When it was sent, as its author says; for one that claims the future, when it came in. */
  readonly sentAt: number;
  readonly body: string;
  /** `null` for messages that we received. */
  readonly delivery: DeliveryState | null;
  /** Set exactly when `delivery` is `failed`. */
  readonly failure: FailureReason | null;
  /** The other side has read this message of ours and told so (messages §5.8). */
  readonly read: boolean;
  /** What it answers (messages §5.3). */
  readonly quote: Quote | null;
  readonly reactions: readonly Reaction[];
  readonly attachments: readonly Attachment[];
  readonly preview: LinkPreview | null;
  /** For a `community-invitation`. */
  readonly invitation: { readonly url: string; readonly name: string } | null;
  /** For a `timer-changed` notice: the author's new setting, `null` for off. */
  readonly timer: Disappearing | null;
  /** It takes the place of an earlier text of its author. */
  readonly edited: boolean;
  /** Its author deleted it for everyone; body and attachments are gone. */
  readonly deleted: boolean;
  /** Mentions us, or answers a message of ours. */
  readonly mentionsUs: boolean;
  /** When it disappears: mode and seconds as sent, and the moment (ms), `null` while its clock has not started. */
  readonly expiry: (Disappearing & { readonly at: number | null }) | null;
}

/** A setting for disappearing messages; `seconds` > 0. */
export interface Disappearing {
  readonly mode: DisappearingMode;
  readonly seconds: number;
}

/** The message that another answers; its text is looked up here, never taken from the sender (messages §5.3). */
export interface Quote {
  readonly author: string;
  readonly sentAt: number;
  /** Local id of the quoted message, `null` if it is not (or no longer) here. */
  readonly messageId: string | null;
  /** Its text shortened for display, `null` if it is not here; empty for a message of attachments only. */
  readonly body: string | null;
  readonly hasAttachment: boolean;
}

/** All reactions of one emoji to a message. */
export interface Reaction {
  readonly emoji: string;
  /** Account ids, in the order in which they came. */
  readonly authors: readonly string[];
}

/** Where the file of an attachment is. */
export type AttachmentState =
  /** Not on this device; it loads when the person asks for it. */
  | 'remote'
  | 'downloading'
  | 'uploading'
  /** On this device, encrypted. */
  | 'here'
  /** Loading failed for good: it is gone from the server, or is not what its sender said. */
  | 'lost';

/** A file of a message. Its bytes are read with `Engine.readAttachment`. */
export interface Attachment {
  /** Local id, stable over restarts. */
  readonly id: string;
  /** Type as its sender says; never trusted for opening. */
  readonly contentType: string;
  readonly fileName: string | null;
  /** Bytes of the file. */
  readonly size: number;
  readonly width: number | null;
  readonly height: number | null;
  readonly isVoiceMessage: boolean;
  readonly caption: string | null;
  readonly state: AttachmentState;
  /** 0–1 while loading, else `null`. */
  readonly progress: number | null;
}

/** A preview of a link, made by the sender (messages §5.5). */
export interface LinkPreview {
  readonly url: string;
  readonly title: string | null;
  readonly image: Attachment | null;
}

/** A page of messages, oldest first. `before` continues with older ones; `null` at the beginning. */
export interface MessagePage {
  readonly messages: readonly Message[];
  readonly before: string | null;
}

/** What a person writes. At least a body that is not blank, or an attachment. */
export interface Draft {
  readonly body: string;
  /** Local id of the message that it answers. */
  readonly quotedMessageId?: string;
  readonly attachments?: readonly OutgoingAttachment[];
  /** A preview for a link in the body, made only after the person allowed previews. */
  readonly preview?: { readonly url: string; readonly title: string | null; readonly image: OutgoingAttachment | null };
}

/** A file to send, kept on this device with `Engine.keepFile`; at most 32 with a message. */
export interface OutgoingAttachment {
  /** What `keepFile` gave. */
  readonly file: string;
  readonly contentType: string;
  readonly fileName?: string;
  readonly width?: number;
  readonly height?: number;
  readonly isVoiceMessage?: boolean;
  readonly caption?: string;
}
