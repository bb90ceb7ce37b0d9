import { Paperclip } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useConversations } from '../../engine/queries.ts';
import { shortDate } from '../../parts/times.ts';
import { useDisplayName } from '../chats/display-name.ts';
import { useNameOf } from '../thread/text/use-name-of.ts';
import { MarkedText } from './marked-text.tsx';
import { useSearch, type Wanted } from './use-search.ts';

interface SearchResultsProps {
  readonly wanted: Wanted;
  /** No conversation was found by its name. */
  readonly alone: boolean;
  readonly onChoose: (conversationId: string, messageId: string) => void;
}

/** Messages that were found in all conversations, newest first. */
export function SearchResults({ wanted, alone, onChoose }: SearchResultsProps) {
  const { t, i18n } = useTranslation();
  const { hits } = useSearch(wanted);
  const conversations = useConversations();
  const displayName = useDisplayName();
  const nameOf = useNameOf();
  if (hits === null) return null;
  return (
    <section aria-label={t('search.messages')} className="mt-2">
      <h2 role="status" className="px-2 py-1.5 text-s font-[650] text-faint">
        {hits.length > 0
          ? t('search.count', { count: hits.length })
          : alone
            ? t('search.noneAnywhere', { query: wanted.text.trim() })
            : t('search.noMessages')}
      </h2>
      <ul>
        {hits.map(({ message, snippet, marks }) => {
          const { conversationId } = message;
          const known = conversations?.find(({ id }) => id === conversationId);
          const where = displayName(known ?? { id: conversationId, name: null, isNoteToSelf: false });
          return (
            <li key={message.id}>
              <button
                type="button"
                onClick={() => onChoose(conversationId, message.id)}
                className="block w-full rounded-m px-2 py-2 text-left transition-colors hover:bg-[color-mix(in_srgb,var(--surface)_60%,transparent)] focus-visible:-outline-offset-2"
              >
                <span className="flex items-baseline gap-2">
                  <bdi className="min-w-0 flex-1 truncate font-semibold">{where}</bdi>
                  <span className="shrink-0 text-s text-faint">{shortDate(message.sentAt, i18n.language)}</span>
                </span>
                <bdi className="line-clamp-2 text-soft">
                  {message.direction === 'out' && !known?.isNoteToSelf && `${nameOf(message.author)}: `}
                  {message.attachments.length > 0 && (
                    <Paperclip aria-label={t('files.some')} className="me-1 inline size-3.5" strokeWidth={2} />
                  )}
                  <MarkedText text={snippet} marks={marks} />
                </bdi>
              </button>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
