import { useTranslation } from 'react-i18next';
import type { Message } from '../../engine/connection.ts';
import { useNoticeText } from '../thread/bubble/use-notice-text.ts';
import { kindOf } from '../thread/files/attachment-kind.ts';
import { usePlainText } from '../thread/text/use-plain-text.ts';

/** A message in one line: its words, what it carries, or what happened. */
export function useSummary(): (message: Message) => string {
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
