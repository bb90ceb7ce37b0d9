import type { Message } from '../../engine/connection.ts';
import { daysAgo } from '../../parts/times.ts';

/** Messages of one author within this time stand close together. */
const GROUP_MS = 5 * 60_000;

/** A message as it stands in the thread. */
export interface Row {
  readonly message: Message;
  /** Whether a group of messages by the same author begins or ends here. */
  readonly first: boolean;
  readonly last: boolean;
  /** The first message of its day. */
  readonly newDay: boolean;
  /** The first one that was unread. */
  readonly newMessages: boolean;
}

/** Groups messages (oldest first) by author, time and day; a notice stands alone. */
export function rowsOf(messages: readonly Message[], firstUnread: string | null): readonly Row[] {
  const breaks = messages.map((message, at) => {
    const previous = messages[at - 1];
    const newDay = previous === undefined || daysAgo(previous.sentAt) !== daysAgo(message.sentAt);
    const newMessages = message.id === firstUnread;
    const first =
      newDay ||
      newMessages ||
      isNotice(previous) ||
      isNotice(message) ||
      previous.direction !== message.direction ||
      previous.author !== message.author ||
      message.sentAt - previous.sentAt > GROUP_MS;
    return { newDay, newMessages, first };
  });
  return messages.map((message, at) => ({ message, ...breaks[at]!, last: breaks[at + 1]?.first ?? true }));
}

/** Whether a line tells of something that happened and is no message with a bubble. */
export function isNotice({ kind }: Message): boolean {
  return kind !== 'message' && kind !== 'community-invitation';
}

/** The id of the oldest of the newest `count` received messages; `null` if there is none. */
export function firstUnreadOf(messages: readonly Message[], count: number): string | null {
  const received = messages.filter((message) => message.direction === 'in');
  return count > 0 ? (received.at(-count)?.id ?? received[0]?.id ?? null) : null;
}
