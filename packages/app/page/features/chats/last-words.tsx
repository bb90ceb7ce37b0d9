import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Conversation } from '../../engine/connection.ts';
import { usePlainText } from '../thread/text/use-plain-text.ts';
import { useSummary } from './use-summary.ts';

/** What was said last in a conversation, or what is being written, in one line. */
export function LastWords({ conversation }: { conversation: Conversation }) {
  const { t } = useTranslation();
  const summary = useSummary();
  const plain = usePlainText();
  const { isNoteToSelf, isTyping, draft, lastMessage } = conversation;
  if (isTyping) return <span className="text-accent">{t('chats.typing')}</span>;
  if (draft.trim() !== '') {
    return <Words lead={<span className="text-warn">{t('chats.draft')}</span>} body={plain(draft)} />;
  }
  if (lastMessage === null) return t(isNoteToSelf ? 'chats.noteToSelfHint' : 'chats.nothingYet');
  const body = summary(lastMessage);
  if (lastMessage.delivery === 'failed') return <Words lead={t('chats.failed')} body={body} />;
  if (lastMessage.direction === 'out' && !isNoteToSelf && lastMessage.kind === 'message')
    return <Words lead={t('chats.you')} body={body} />;
  return body;
}

/** Words have a direction of their own, so that what does not fit is cut at their end. */
function Words({ lead, body }: { lead: ReactNode; body: string }) {
  return (
    <span className="flex gap-1">
      <span className="shrink-0">{lead}</span> <bdi className="min-w-0 truncate">{body}</bdi>
    </span>
  );
}
