import { useTranslation } from 'react-i18next';
import type { Conversation, Message } from '../../engine/connection.ts';
import { useNoticeText } from '../thread/bubble/use-notice-text.ts';
import { kindOf } from '../thread/files/attachment-kind.ts';
import { usePlainText } from '../thread/text/use-plain-text.ts';

/** What was said last in a conversation, or what is being written, in one line. */
export function LastWords({ conversation }: { conversation: Conversation }) {
  const { t } = useTranslation();
  const summary = useSummary();
  const plain = usePlainText();
  const { isNoteToSelf, isTyping, draft, lastMessage } = conversation;
  if (isTyping) return <span className="text-accent">{t('chats.typing')}</span>;
  if (draft.trim() !== '') {
    return (
      <>
        <span className="text-warn">{t('chats.draft')}</span> {plain(draft)}
      </>
    );
  }
  if (lastMessage === null) return t(isNoteToSelf ? 'chats.noteToSelfHint' : 'chats.nothingYet');
  const body = summary(lastMessage);
  if (lastMessage.delivery === 'failed') return t('chats.failed', { body });
  if (lastMessage.direction === 'out' && !isNoteToSelf && lastMessage.kind === 'message')
    return t('chats.you', { body });
  return body;
}

/** A message in one line: its words, what it carries, or what happened. */
function useSummary(): (message: Message) => string {
  const { t } = useTranslation();
  const notice = useNoticeText();
  const plain = usePlainText();
  return (message) => {
    if (message.deleted) return t('chats.deleted');
    if (message.kind === 'community-invitation') return t('thread.invitation');
    if (message.kind !== 'message') return notice(message);
    if (message.body !== '') return plain(message.body);
    const [first] = message.attachments;
    if (first === undefined) return '';
    return message.attachments.length === 1
      ? t(`files.kind.${kindOf(first)}`)
      : t('files.several', { count: message.attachments.length });
  };
}
