// What the bots here share: opening a profile, hearing each message of others once, and answering, but not forever.
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createProfile, type Engine, EngineError, type Message, openProfile, profileState } from '@sotto/client';
import { parseNetworkFile } from '@sotto/directory';

/** How many ids of handled messages are remembered, so that none is handled twice. */
const REMEMBERED = 10_000;
/** Answers to one person within a minute; what goes beyond is not sent. */
const ANSWERS_A_MINUTE = 30;
/** Characters of a message that we send; others may send longer ones. */
const LONGEST_TEXT = 2000;

/**
 * Opens the bot's profile in a folder, or makes it at the first start, and says on standard output whom to write to.
 * Ctrl-C and SIGTERM close it in order. @throws EngineError, DirectoryError
 */
export async function openBot(name: string, networkPath = 'network.sotto', folder = 'bot'): Promise<Engine> {
  const network = parseNetworkFile(readFileSync(networkPath, 'utf8'));
  const isNew = (await profileState(folder)) === 'missing';
  const bot = isNew ? await createProfile({ folder, network, name }) : await openProfile({ folder, network });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void bot.close());
  console.log(`Write to ${bot.account().accountId}`);
  return bot;
}

/**
 * Gives messages of others to `handle`, one after another, until the bot closes: first those that came while it was away,
 * then new ones. Left out are notices, and answers to messages of the bot: bots answer with a quote, so two of them do
 * not talk to each other forever. A conversation is marked as read once all of it has been handled; after a crash what
 * had not been comes again.
 */
export async function forEachMessage(bot: Engine, handle: (message: Message) => void | Promise<void>): Promise<void> {
  const changes = bot.changes();
  const ownId = bot.account().accountId;
  const handled = new Set<string>();
  const handleAll = async (conversationId: string, messages: readonly Message[]) => {
    for (const message of messages) {
      if (handled.has(message.id)) continue;
      handled.add(message.id);
      if (handled.size > REMEMBERED) handled.delete(handled.values().next().value as string);
      if (message.direction !== 'in' || message.kind !== 'message' || message.deleted) continue;
      if (message.quote?.author !== ownId) await handle(message);
    }
    const waiting = unread(bot, conversationId);
    if (waiting.length > 0 && waiting.every(({ id }) => handled.has(id))) bot.markRead(conversationId);
  };
  await untilClosed(async () => {
    for (const { id } of bot.conversations()) await handleAll(id, unread(bot, id));
    for await (const change of changes) {
      // If very many messages wait, only their conversation is named.
      if (change.kind === 'conversation') await handleAll(change.conversationId, unread(bot, change.conversationId));
      if (change.kind === 'message' && change.isNew) await handleAll(change.message.conversationId, [change.message]);
    }
  });
}

/** Works until it is done or finds the bot closed. */
export async function untilClosed(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof EngineError && error.code === 'closed')) throw error;
  }
}

/** The newest messages of a conversation, as many as are unread and at most 200, oldest first. */
function unread(bot: Engine, conversationId: string): readonly Message[] {
  const count = Math.min(bot.conversation(conversationId)?.unread ?? 0, 200);
  if (count === 0) return [];
  const { messages } = bot.messages(conversationId, { limit: 200 });
  return messages.filter(({ direction }) => direction === 'in').slice(-count);
}

const answersAt = new Map<string, readonly number[]>();

/** Answers a message; too many answers to one person within a minute are left out, as they may be a bot, too. */
export function answer(bot: Engine, { id, conversationId }: Message, text: string): void {
  const now = Date.now();
  const recent = (answersAt.get(conversationId) ?? []).filter((at) => at > now - 60_000);
  if (recent.length >= ANSWERS_A_MINUTE) return;
  answersAt.set(conversationId, [...recent, now]);
  say(bot, conversationId, text, id);
}

/** Writes to somebody, with a quote if the quoted message is still there. */
export function say(bot: Engine, conversationId: string, text: string, quotedMessageId: string): void {
  const body = Array.from(text).slice(0, LONGEST_TEXT).join('');
  try {
    bot.send(conversationId, { body, quotedMessageId });
  } catch (error) {
    if (!(error instanceof EngineError && error.code === 'not-found')) throw error;
    bot.send(conversationId, body);
  }
}

/** Writes a file whole or not at all, for the eyes of its owner. */
export function writeWhole(path: string, text: string): void {
  writeFileSync(`${path}.new`, text, { mode: 0o600, flush: true });
  renameSync(`${path}.new`, path);
}
