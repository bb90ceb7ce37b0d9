import { useCallback, useEffect, useRef, useState } from 'react';
import { engine } from '../../engine/connection.ts';
import { onMessage } from '../../engine/queries.ts';
import { type Loaded, withMessage, withNewestPage, withOlderPage } from './merge-messages.ts';

const PAGE_SIZE = 50;
const MOST_PAGE_SIZE = 200;
const MOST_REMEMBERED = 20;

/** Conversations seen in this window, so that coming back to one shows it at once. */
const remembered = new Map<string, Loaded>();

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
      setLoaded((known) => withNewestPage(known, newest));
      setFailed(false);
    } catch {
      setFailed(true);
    }
  }, [conversationId]);

  useEffect(() => {
    void loadNewest();
    return onMessage((message) => {
      if (message === null) void loadNewest();
      else if (message.conversationId === conversationId) {
        setLoaded((known) => (known === null ? null : withMessage(known, message)));
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

  return { loaded, failed, loadingOlder, loadNewest, loadOlder };
}
