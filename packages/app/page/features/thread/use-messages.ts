import { useCallback, useEffect, useRef, useState } from 'react';
import { engine } from '../../engine/connection.ts';
import { type MessageChange, onMessage } from '../../engine/queries.ts';
import {
  type Loaded,
  withAttachment,
  withMessage,
  withNewerPage,
  withNewestPage,
  withOlderPage,
  withoutMessage,
} from './merge-messages.ts';

const PAGE_SIZE = 50;
const MOST_PAGE_SIZE = 200;
const MOST_REMEMBERED = 20;

/** Conversations seen in this window, so that coming back to one shows it at once. */
const remembered = new Map<string, Loaded>();

// It is kept in step while one is elsewhere: what was deleted or has disappeared meanwhile must not be seen again.
onMessage((change) => {
  if (change === null) return remembered.clear();
  const known = remembered.get(conversationOf(change));
  if (known !== undefined) remembered.set(conversationOf(change), withChange(known, change));
});

/** The messages of a conversation, kept in step with the engine; `unread` widens the first page to hold them all. */
export function useMessages(conversationId: string, unread: number) {
  const [loaded, setLoaded] = useState<Loaded | null>(() => remembered.get(conversationId) ?? null);
  const [failed, setFailed] = useState(false);
  const [loadingOlder, setLoadingOlder] = useState(false);
  const busy = useRef(false);
  const limit = useRef(Math.min(MOST_PAGE_SIZE, Math.max(PAGE_SIZE, unread + 10)));

  const loadNewest = useCallback(async () => {
    try {
      const newest = await engine.messages.page.query({ conversationId, limit: limit.current });
      setLoaded((known) => withNewestPage(known?.atNewest ? known : null, newest));
      setFailed(false);
    } catch {
      setFailed(true);
    }
  }, [conversationId]);

  useEffect(() => {
    if (remembered.get(conversationId)?.atNewest !== false) void loadNewest();
    return onMessage((change) => {
      if (change === null) void loadNewest();
      else if (conversationOf(change) === conversationId) {
        setLoaded((known) => (known === null ? null : withChange(known, change)));
      }
    });
  }, [conversationId, loadNewest]);

  useEffect(() => {
    if (loaded === null) return;
    remembered.delete(conversationId);
    remembered.set(conversationId, loaded);
    const oldest = remembered.keys().next().value;
    if (remembered.size > MOST_REMEMBERED && oldest !== undefined) remembered.delete(oldest);
  }, [conversationId, loaded]);

  const before = loaded?.before ?? null;
  const loadOlder = useCallback(async () => {
    if (before === null || busy.current) return;
    busy.current = true;
    setLoadingOlder(true);
    try {
      const older = await engine.messages.page.query({ conversationId, before, limit: PAGE_SIZE });
      setLoaded((known) => (known === null ? null : withOlderPage(known, older)));
    } catch {
      setFailed(true);
    } finally {
      busy.current = false;
      setLoadingOlder(false);
    }
  }, [conversationId, before]);

  const newestLoaded = loaded?.atNewest === false ? (loaded.messages.at(-1)?.id ?? null) : null;
  const loadNewer = useCallback(async () => {
    if (newestLoaded === null || busy.current) return;
    busy.current = true;
    try {
      const around = await engine.messages.around.query({ messageId: newestLoaded, limit: 2 * PAGE_SIZE });
      setLoaded((known) => (known === null ? null : withNewerPage(known, around)));
    } catch {
      // What was last here may be deleted; the end is always there.
      await loadNewest();
    } finally {
      busy.current = false;
    }
  }, [newestLoaded, loadNewest]);

  /** Shows the part around a message instead, if that is still wanted once it has come; `false` if it is no longer here. */
  const loadAround = useCallback(async (messageId: string, isWanted: () => boolean): Promise<boolean> => {
    try {
      const around = await engine.messages.around.query({ messageId, limit: 2 * PAGE_SIZE });
      if (isWanted()) setLoaded({ ...around, atNewest: false });
      return true;
    } catch {
      return false;
    }
  }, []);

  return { loaded, failed, loadingOlder, loadNewest, loadOlder, loadNewer, loadAround };
}

function conversationOf(change: MessageChange): string {
  return change.kind === 'message' ? change.message.conversationId : change.conversationId;
}

function withChange(loaded: Loaded, change: MessageChange): Loaded {
  switch (change.kind) {
    case 'message':
      return withMessage(loaded, change.message);
    case 'message-removed':
      return withoutMessage(loaded, change.messageId);
    case 'attachment':
      return withAttachment(loaded, change.attachment);
    case 'conversation-removed':
      return { messages: [], before: null, atNewest: true };
  }
}
