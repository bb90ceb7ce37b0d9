import type { Message } from '../../engine/connection.ts';

/** What of a conversation is loaded: messages, oldest first, and the cursor to older ones (`null` at the beginning). */
export interface Loaded {
  readonly messages: readonly Message[];
  readonly before: string | null;
}

/** Puts a new message in its place, or the new state of one that is there. */
export function withMessage(loaded: Loaded, message: Message): Loaded {
  const at = loaded.messages.findIndex((known) => known.id === message.id);
  if (at >= 0) return { ...loaded, messages: loaded.messages.with(at, message) };
  const place = loaded.messages.findLastIndex((known) => known.sentAt <= message.sentAt) + 1;
  // Older than what is loaded: it comes with its own page.
  if (place === 0 && loaded.before !== null) return loaded;
  return { ...loaded, messages: loaded.messages.toSpliced(place, 0, message) };
}

/** The newest page after a gap: joined if the two overlap, else in place of what was loaded. */
export function withNewestPage(loaded: Loaded | null, newest: Loaded): Loaded {
  const fresh = new Set(newest.messages.map(({ id }) => id));
  const joint = loaded?.messages.findIndex(({ id }) => fresh.has(id)) ?? -1;
  if (loaded === null || joint < 0) return newest;
  return {
    messages: [...loaded.messages.slice(0, joint), ...newest.messages],
    before: joint > 0 ? loaded.before : newest.before,
  };
}

/** The page before what is loaded. */
export function withOlderPage(loaded: Loaded, older: Loaded): Loaded {
  const known = new Set(loaded.messages.map(({ id }) => id));
  return { messages: [...older.messages.filter(({ id }) => !known.has(id)), ...loaded.messages], before: older.before };
}
