import type { Attachment, Message } from '../../engine/connection.ts';

/** What of a conversation is loaded: messages, oldest first, and the cursor to older ones (`null` at the beginning). */
export interface Loaded {
  readonly messages: readonly Message[];
  readonly before: string | null;
  /** Nothing newer exists than what is loaded; else the part around an older message is. */
  readonly atNewest: boolean;
}

type Page = Omit<Loaded, 'atNewest'>;

/** Puts a new message in its place, or the new state of one that is there. */
export function withMessage(loaded: Loaded, message: Message): Loaded {
  const at = loaded.messages.findIndex((known) => known.id === message.id);
  if (at >= 0) return { ...loaded, messages: loaded.messages.with(at, message) };
  const place = loaded.messages.findLastIndex((known) => known.sentAt <= message.sentAt) + 1;
  // Older or newer than what is loaded: it comes with its own page.
  if (place === 0 && loaded.before !== null) return loaded;
  if (place === loaded.messages.length && !loaded.atNewest) return loaded;
  return { ...loaded, messages: loaded.messages.toSpliced(place, 0, message) };
}

/** Takes a message out. */
export function withoutMessage(loaded: Loaded, messageId: string): Loaded {
  return { ...loaded, messages: loaded.messages.filter(({ id }) => id !== messageId) };
}

/** Puts the new state of a file into the message that carries it. */
export function withAttachment(loaded: Loaded, attachment: Attachment): Loaded {
  const renew = (known: Attachment) => (known.id === attachment.id ? attachment : known);
  const has = (message: Message) =>
    message.attachments.some(({ id }) => id === attachment.id) || message.preview?.image?.id === attachment.id;
  return {
    ...loaded,
    messages: loaded.messages.map((message) =>
      has(message)
        ? {
            ...message,
            attachments: message.attachments.map(renew),
            preview: message.preview && {
              ...message.preview,
              image: message.preview.image && renew(message.preview.image),
            },
          }
        : message,
    ),
  };
}

/** The newest page after a gap: joined if the two overlap, else in place of what was loaded. What it lacks is gone. */
export function withNewestPage(loaded: Loaded | null, newest: Page): Loaded {
  const fresh = new Set(newest.messages.map(({ id }) => id));
  const joint = loaded?.messages.findIndex(({ id }) => fresh.has(id)) ?? -1;
  if (loaded === null || joint < 0) return { ...newest, atNewest: true };
  const beginsAt = newest.before === null ? -Infinity : newest.messages[0]!.sentAt;
  const older = loaded.messages.slice(0, joint).filter(({ sentAt }) => sentAt <= beginsAt);
  return {
    messages: [...older, ...newest.messages],
    before: older.length > 0 ? loaded.before : newest.before,
    atNewest: true,
  };
}

/** The page before what is loaded. */
export function withOlderPage(loaded: Loaded, older: Page): Loaded {
  const known = new Set(loaded.messages.map(({ id }) => id));
  return {
    ...loaded,
    messages: [...older.messages.filter(({ id }) => !known.has(id)), ...loaded.messages],
    before: older.before,
  };
}

/** The page around the last message that is loaded; when it brings nothing newer, the end is reached. */
export function withNewerPage(loaded: Loaded, around: Page): Loaded {
  const known = new Set(loaded.messages.map(({ id }) => id));
  const at = around.messages.findIndex(({ id }) => id === loaded.messages.at(-1)?.id);
  const newer = around.messages.slice(at + 1).filter(({ id }) => !known.has(id));
  return { ...loaded, messages: [...loaded.messages, ...newer], atNewest: newer.length === 0 };
}
