import { Paperclip } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Message } from '../../../engine/connection.ts';
import { useNameOf } from '../text/use-name-of.ts';
import { usePlainText } from '../text/use-plain-text.ts';
import { useThreadActions } from '../thread-actions.ts';

/** What a message answers; a press leads there. */
export function QuoteBlock({ quote }: { quote: NonNullable<Message['quote']> }) {
  const { t } = useTranslation();
  const { jump } = useThreadActions();
  const name = useNameOf()(quote.author);
  const plain = usePlainText();
  const { messageId } = quote;
  return (
    <button
      type="button"
      disabled={messageId === null}
      onClick={() => messageId !== null && jump(messageId)}
      className="mb-1.5 block w-full rounded-s border-l-[3px] border-current bg-[color-mix(in_srgb,currentColor_9%,transparent)] px-2.5 py-1 text-start text-ms"
    >
      <bdi className="block font-semibold">{name}</bdi>
      <bdi className="line-clamp-2">
        {quote.hasAttachment && <Paperclip aria-hidden="true" className="me-1 inline size-3.5" strokeWidth={2} />}
        {quote.body === null ? <em>{t('thread.quoteMissing')}</em> : plain(quote.body) || t('files.some')}
      </bdi>
    </button>
  );
}
