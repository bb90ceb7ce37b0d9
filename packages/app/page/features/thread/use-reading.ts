import { useEffect, useRef, useState } from 'react';
import { type Conversation, engine } from '../../engine/connection.ts';
import type { Loaded } from './merge-messages.ts';
import { firstUnreadOf } from './rows.ts';
import { useWindowActive } from './use-window-active.ts';

interface Line {
  readonly messageId: string | null;
  readonly settled: boolean;
  /** What we wrote last when the line came. */
  readonly lastOwn: string | null;
}

/**
 * Marks the conversation read while somebody looks at its end, and returns the message before which
 * the line "new messages" stands: it stays for as long as the conversation is open, until they are answered or newer
 * ones come unseen.
 */
export function useReading(conversation: Conversation, loaded: Loaded | null, atEnd: boolean): string | null {
  const { id, unread } = conversation;
  const seen = useWindowActive() && atEnd && loaded?.atNewest === true;
  const [line, setLine] = useState<Line>({ messageId: null, settled: true, lastOwn: null });
  const opened = useRef(false);
  // What was marked by hand stays marked until the conversation is opened once more.
  const marked = useRef(conversation.markedUnread);
  const messages = loaded?.messages;
  if (messages !== undefined && unread > 0 && line.settled && (!seen || !opened.current)) {
    setLine({ messageId: firstUnreadOf(messages, unread), settled: false, lastOwn: lastOwnOf(messages) });
  }
  // Who answers has read what was new.
  if (messages !== undefined && line.messageId !== null && line.settled && isAnswered(messages, line)) {
    setLine({ ...line, messageId: null });
  }
  if (unread === 0 && !line.settled) setLine({ ...line, settled: true });
  useEffect(() => {
    if (messages !== undefined) opened.current = true;
  }, [messages]);
  useEffect(() => {
    if (!seen || (unread === 0 && !marked.current)) return;
    marked.current = false;
    // Should it fail, the next change tries again.
    engine.conversations.markRead.mutate({ id }).catch(() => {});
  }, [seen, unread, id]);
  return line.messageId;
}

/** Whether we have written something below the line since it came. */
function isAnswered(messages: Loaded['messages'], { messageId, lastOwn }: Line): boolean {
  const own = lastOwnOf(messages);
  const placeOf = (id: string | null) => messages.findIndex((message) => message.id === id);
  return own !== lastOwn && placeOf(own) > placeOf(messageId);
}

function lastOwnOf(messages: Loaded['messages']): string | null {
  return messages.findLast(({ direction }) => direction === 'out')?.id ?? null;
}
