import type { Disappearing, Notifications } from '../engine.ts';
import type { Row } from './database.ts';

/** Everything that is kept of a conversation besides its messages. Times in ms. */
export interface ConversationState {
  readonly profileName: string | null;
  /** When its owner changed the profile, as far as known; 0 if not. */
  readonly profileAt: number;
  /** When the message was sent that brought an undated profile. */
  readonly profileSentAt: number;
  readonly pictureUrl: string | null;
  readonly pictureKey: Uint8Array | null;
  /** The picture on this device. */
  readonly pictureBlob: string | null;
  readonly nickname: string | null;
  /** We wrote to them or accepted them (messages §5.11). */
  readonly approved: boolean;
  /** They wrote to us or accepted us. */
  readonly approvedUs: boolean;
  /** When we first wrote to them, as far as known. */
  readonly askedAt: number | null;
  /** When they first showed that they want to hear from us; zero or less than it if nobody had to answer. */
  readonly answeredAt: number | null;
  readonly blocked: boolean;
  /** Below 0: not listed; above: pinned (config §9). */
  readonly priority: number;
  readonly archived: boolean;
  /** When it was archived; what was sent before does not end that. */
  readonly archivedAt: number;
  readonly notifications: Notifications;
  /** 0 if not muted. */
  readonly mutedUntil: number;
  readonly createdAt: number;
  readonly markedUnread: boolean;
  /** Sent time of the last message that was read. */
  readonly lastReadAt: number;
  /** When one of our devices last wrote there. */
  readonly wroteAt: number;
  readonly disappearing: Disappearing | null;
  /** When that was set. */
  readonly disappearingSetAt: number;
  readonly theirDisappearing: Disappearing | null;
  readonly theirDisappearingSetAt: number;
  readonly autoDownload: boolean;
  readonly draft: string;
  /** One-time token of the contact link that led us to them. */
  readonly contactToken: Uint8Array | null;
  readonly lastActivityAt: number;
}

type Value = string | number | null | Uint8Array;

/** The columns of each field, and how its value is written into them. */
const COLUMNS: { readonly [Field in keyof ConversationState]-?: Columns<ConversationState[Field]> } = {
  profileName: plain('profile_name'),
  profileAt: plain('profile_at'),
  profileSentAt: plain('profile_sent_at'),
  pictureUrl: plain('picture_url'),
  pictureKey: plain('picture_key'),
  pictureBlob: plain('picture_blob'),
  nickname: plain('nickname'),
  approved: flag('approved'),
  approvedUs: flag('approved_us'),
  askedAt: plain('asked_at'),
  answeredAt: plain('answered_at'),
  blocked: flag('blocked'),
  priority: plain('priority'),
  archived: flag('archived'),
  archivedAt: plain('archived_at'),
  notifications: plain('notifications'),
  mutedUntil: plain('muted_until'),
  createdAt: plain('created_at'),
  markedUnread: flag('marked_unread'),
  lastReadAt: plain('last_read_at'),
  wroteAt: plain('wrote_at'),
  disappearing: timer('expiry'),
  disappearingSetAt: plain('expiry_set_at'),
  theirDisappearing: timer('their_expiry'),
  theirDisappearingSetAt: plain('their_expiry_set_at'),
  autoDownload: flag('auto_download'),
  draft: plain('draft'),
  contactToken: plain('contact_token'),
  lastActivityAt: plain('last_activity_at'),
};

interface Columns<Field> {
  read(row: Row): Field;
  write(value: Field): Readonly<Record<string, Value>>;
}

function plain<Field>(column: string): Columns<Field> {
  return { read: (row) => row[column] as Field, write: (value) => ({ [column]: value as Value }) };
}

function flag(column: string): Columns<boolean> {
  return { read: (row) => row[column] === 1, write: (value) => ({ [column]: value ? 1 : 0 }) };
}

function timer(prefix: string): Columns<Disappearing | null> {
  return {
    read: (row) => disappearingOf(row[`${prefix}_mode`], row[`${prefix}_seconds`]),
    write: (value) => ({ [`${prefix}_mode`]: value?.mode ?? null, [`${prefix}_seconds`]: value?.seconds ?? 0 }),
  };
}

/** A timer from its two columns. */
export function disappearingOf(mode: unknown, seconds: unknown): Disappearing | null {
  return mode === null ? null : { mode: mode as Disappearing['mode'], seconds: seconds as number };
}

/** Everything in a row of the table. */
export function readState(row: Row): ConversationState {
  return Object.fromEntries(Object.entries(COLUMNS).map(([field, { read }]) => [field, read(row)])) as never;
}

/** The columns that a change writes. */
export function columnsOf(change: Partial<ConversationState>): Record<string, Value> {
  const fields = Object.keys(change) as (keyof ConversationState)[];
  return Object.assign({}, ...fields.map((field) => (COLUMNS[field] as Columns<unknown>).write(change[field])));
}

/** Whether two values of a field are the same. */
export function isSameValue(one: unknown, other: unknown): boolean {
  if (one instanceof Uint8Array && other instanceof Uint8Array) return Buffer.compare(one, other) === 0;
  if (one && other && typeof one === 'object' && typeof other === 'object') {
    return JSON.stringify(one) === JSON.stringify(other);
  }
  return one === other;
}
