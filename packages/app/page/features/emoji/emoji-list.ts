import groups from 'unicode-emoji-json/data-by-group.json' with { type: 'json' };

/** One emoji and what it is called, in English. */
export interface Emoji {
  readonly emoji: string;
  readonly name: string;
}

export interface EmojiGroup {
  readonly slug: string;
  readonly emojis: readonly Emoji[];
}

/** Newer ones are empty boxes on many devices. */
const NEWEST = 15;

/** All emoji by category, in the order of Unicode. */
export const EMOJI_GROUPS: readonly EmojiGroup[] = groups.map(({ slug, emojis }) => ({
  slug,
  emojis: emojis.filter(({ emoji_version }) => Number(emoji_version) <= NEWEST),
}));

/** Those whose name has all words that were typed, each as the beginning of a word. */
export function findEmoji(typed: string): readonly Emoji[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = ({ name }: Emoji) => words.every((word) => name.split(/[\s-]/).some((part) => part.startsWith(word)));
  return EMOJI_GROUPS.flatMap(({ emojis }) => emojis.filter(fits));
}
