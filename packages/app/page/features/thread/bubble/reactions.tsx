import { useTranslation } from 'react-i18next';
import type { Message } from '../../../engine/connection.ts';
import { useAccount } from '../../../engine/queries.ts';
import { listOf } from '../../../parts/lists.ts';
import { useNameOf } from '../text/use-name-of.ts';
import { useThreadActions } from '../thread-actions.ts';

/** The reactions to a message: how many, by whom, and ours to give or take back. */
export function Reactions({ message }: { message: Message }) {
  const { t, i18n } = useTranslation();
  const { react } = useThreadActions();
  const ownId = useAccount()?.accountId ?? '';
  const nameOf = useNameOf();
  if (message.reactions.length === 0) return null;
  return (
    <ul aria-label={t('thread.reactions')} className="-mt-1.5 flex max-w-[86%] flex-wrap gap-1 px-2">
      {message.reactions.map(({ emoji, authors }) => {
        const ours = authors.includes(ownId);
        const who = t('thread.reactedBy', { emoji, names: listOf(authors.map(nameOf), i18n.language) });
        return (
          <li key={emoji}>
            <button
              type="button"
              aria-pressed={ours}
              title={who}
              onClick={() => react(message, emoji, !ours)}
              className="flex items-center gap-1 rounded-full border border-line bg-surface px-2 py-0.5 text-s text-soft aria-pressed:border-accent aria-pressed:bg-accent-soft aria-pressed:text-accent"
            >
              <span aria-hidden="true">{emoji}</span>
              <span aria-hidden="true" className="font-[550]">
                {authors.length}
              </span>
              <span className="sr-only">{who}</span>
            </button>
          </li>
        );
      })}
    </ul>
  );
}
