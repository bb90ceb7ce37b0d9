import { useTranslation } from 'react-i18next';
import type en from '../../strings/en.json';
import { EMOJI_GROUPS, type Emoji, findEmoji } from './emoji-list.ts';
import { recentEmoji } from './recent-emoji.ts';

interface EmojiGridProps {
  readonly typed: string;
  readonly onPick: (emoji: string) => void;
}

/** The emoji that fit what was typed, or all of them by category. */
export default function EmojiGrid({ typed, onPick }: EmojiGridProps) {
  const { t } = useTranslation();
  if (typed.trim() !== '') {
    const found = findEmoji(typed);
    return (
      <div className="overflow-y-auto px-2 pb-2">
        {found.length === 0 ? (
          <p className="p-4 text-center text-soft">{t('emoji.none')}</p>
        ) : (
          <Group label={t('emoji.found')} emojis={found} onPick={onPick} firstStop />
        )}
      </div>
    );
  }
  return (
    <div className="overflow-y-auto px-2 pb-2">
      <Group
        label={t('emoji.recent')}
        emojis={recentEmoji().map((emoji) => ({ emoji, name: emoji }))}
        onPick={onPick}
        firstStop
      />
      {EMOJI_GROUPS.map(({ slug, emojis }) => (
        <Group
          key={slug}
          label={t(`emoji.group.${slug as keyof typeof en.emoji.group}`)}
          emojis={emojis}
          onPick={onPick}
        />
      ))}
    </div>
  );
}

interface GroupProps {
  readonly label: string;
  readonly emojis: readonly Emoji[];
  readonly onPick: (emoji: string) => void;
  /** The first emoji here is what the Tab key reaches. */
  readonly firstStop?: boolean;
}

function Group({ label, emojis, onPick, firstStop = false }: GroupProps) {
  return (
    <section aria-label={label} className="[contain-intrinsic-size:auto_300px] [content-visibility:auto]">
      <h3 className="px-1 pt-2 pb-1 text-s font-[650] text-faint">{label}</h3>
      <div className="grid grid-cols-8">
        {emojis.map(({ emoji, name }, place) => (
          <button
            key={emoji}
            type="button"
            data-emoji
            tabIndex={firstStop && place === 0 ? 0 : -1}
            aria-label={name}
            title={name}
            onClick={() => onPick(emoji)}
            className="grid aspect-square place-items-center rounded-s text-[20px] leading-none hover:bg-sunk focus-visible:-outline-offset-2"
          >
            {emoji}
          </button>
        ))}
      </div>
    </section>
  );
}
