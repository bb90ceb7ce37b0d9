import type { Expiry } from '@sotto/wire/content';
import type { Disappearing } from '../engine.ts';

/** Lifetime of messages on nodes, ms (messages §5.18). */
export const MESSAGE_TTL_MS = 1_209_600_000;
/** Of typing indicators. */
export const TYPING_TTL_MS = 20_000;

/** How long nodes keep a message that disappears like this (messages §5.18). */
export function messageTtl(disappearing: Disappearing | null): number {
  return disappearing?.mode === 'after-send' ? disappearing.seconds * 1000 : MESSAGE_TTL_MS;
}

/** How long nodes keep the copy for our own devices: its clock starts when it is sent. */
export function copyTtl(disappearing: Disappearing | null): number {
  return disappearing ? Math.min(disappearing.seconds * 1000, MESSAGE_TTL_MS) : MESSAGE_TTL_MS;
}

/** What a content says about its own disappearing, `null` for nothing. */
export function disappearingOf({ mode, seconds }: Expiry): Disappearing | null {
  return mode === 'off' ? null : { mode, seconds };
}

/** What is known of a received message that disappears. */
export interface ReceivedClock {
  readonly disappearing: Disappearing;
  readonly sentAt: number;
  /** When our mailbox forgets the message, as a node says. */
  readonly reported: number;
  readonly now: number;
  /** It is the copy of a message that another device of ours sent. */
  readonly isOwn: boolean;
  /** It has been read here or elsewhere. */
  readonly isRead: boolean;
}

/**
 * When a received message disappears; `null` while its clock has not started (messages §5.13). A node may say what it
 * likes: the clock starts when the message was sent at the earliest, and now at the latest.
 */
export function expiresAtOf({ disappearing, sentAt, reported, now, isOwn, isRead }: ReceivedClock): number | null {
  const duration = disappearing.seconds * 1000;
  const earliest = Math.min(sentAt, now) + duration;
  if (isOwn) return earliest;
  if (disappearing.mode === 'after-read' && !isRead) return null;
  return Math.min(Math.max(reported, earliest), now + duration);
}
