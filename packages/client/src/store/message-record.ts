import type { DeliveryState, Disappearing, FailureReason, MessageKind } from '../engine.ts';
import { disappearingOf } from './conversation-state.ts';
import type { Row } from './database.ts';

/** What only some messages have. */
export interface MessageDetails {
  readonly preview?: { readonly url: string; readonly title: string | null };
  readonly invitation?: { readonly url: string; readonly name: string };
  /** For a notice of a changed setting for disappearing messages; absent for off. */
  readonly timer?: Disappearing;
}

/** What another message answers or is about. */
export interface MessageKey {
  readonly author: string;
  /** Of its first version. */
  readonly sentAt: number;
}

/** A message as it is stored. Times in ms. */
export interface MessageRecord {
  readonly id: number;
  readonly conversationId: string;
  readonly kind: MessageKind;
  readonly author: string;
  readonly outgoing: boolean;
  /** What identifies it, with its author (messages §5.1); of an edited one, its first version. `null`: a notice of our own making. */
  readonly sentAt: number | null;
  /** Of an edited message, when the version that is shown was sent. */
  readonly versionAt: number | null;
  /** Where it stands among others. */
  readonly placedAt: number;
  readonly body: string;
  /** `null` for what we received, and for notices. */
  readonly delivery: DeliveryState | null;
  readonly failure: FailureReason | null;
  readonly unread: boolean;
  /** The other side told that they read it. */
  readonly wasRead: boolean;
  /** In our own mailbox, if it is known. */
  readonly hash: string | null;
  readonly quote: MessageKey | null;
  readonly details: MessageDetails;
  readonly deleted: boolean;
  readonly mentionsUs: boolean;
  readonly disappearing: Disappearing | null;
  /** When it disappears, once its clock has started. */
  readonly expiresAt: number | null;
}

/** Reads a row of the table. */
export function messageRecord(row: Row): MessageRecord {
  return {
    id: row.id as number,
    conversationId: row.conversation as string,
    kind: row.kind as MessageKind,
    author: row.author as string,
    outgoing: row.outgoing === 1,
    sentAt: row.sent_at as number | null,
    versionAt: row.version_at as number | null,
    placedAt: row.placed_at as number,
    body: row.body as string,
    delivery: row.delivery as DeliveryState | null,
    failure: row.failure as FailureReason | null,
    unread: row.unread === 1,
    wasRead: row.was_read === 1,
    hash: row.hash as string | null,
    quote:
      row.quote_author === null ? null : { author: row.quote_author as string, sentAt: row.quote_sent_at as number },
    details: row.details === null ? {} : (JSON.parse(row.details as string) as MessageDetails),
    deleted: row.deleted === 1,
    mentionsUs: row.mentions_us === 1,
    disappearing: disappearingOf(row.expiry_mode, row.expiry_seconds),
    expiresAt: row.expires_at as number | null,
  };
}

/** The sent time by which others know what is shown of a message now. */
export function currentSentAt({ sentAt, versionAt }: MessageRecord): number | null {
  return versionAt ?? sentAt;
}
