import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { onMessage, useConversations } from '../../engine/queries.ts';
import { useDisplayName } from '../chats/display-name.ts';
import { useSummary } from '../chats/use-summary.ts';

/** Says received messages aloud: of the open conversation with their words, of others only from whom. */
export function Announcer({ current }: { current: string | null }) {
  const { t } = useTranslation();
  const conversations = useConversations();
  const displayName = useDisplayName();
  const [said, setSaid] = useState('');
  const summary = useSummary();
  const latest = useRef({ current, conversations, displayName, summary, t });
  latest.current = { current, conversations, displayName, summary, t };
  useEffect(() => {
    return onMessage((change) => {
      if (change?.kind !== 'message' || !change.isNew) return;
      const { message } = change;
      if (message.direction === 'out' || message.kind !== 'message') return;
      const { current, conversations, displayName, summary, t } = latest.current;
      const id = message.conversationId;
      const known = conversations?.find((conversation) => conversation.id === id);
      const name = displayName(known ?? { id, name: null, isNoteToSelf: false });
      setSaid(
        id === current
          ? t('thread.incoming', { name, body: summary(message) })
          : t('thread.incomingElsewhere', { name }),
      );
    });
  }, []);
  return (
    <p role="log" aria-live="polite" className="sr-only">
      {said}
    </p>
  );
}
