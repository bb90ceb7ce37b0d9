// A bot that reminds: "remind me in 10 minutes to stretch", "list", "forget". What it is to remind of survives a restart.
// Run it with: node examples/reminder-bot.ts network.sotto bot-folder
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Message } from '@sotto/client';
import { answer, forEachMessage, openBot, say, writeWhole } from './bot.ts';

const HELP = 'Write, for example: remind me in 10 minutes to stretch. “list” shows what waits, “forget” drops it all.';
const SECONDS = { second: 1, minute: 60, hour: 3600, day: 86_400, week: 604_800 };
const LONGEST_MS = 366 * 86_400_000;
const MOST_OF_ONE_PERSON = 100;
/** Timers cannot be much longer than this, ms. */
const LONGEST_SLEEP = 3_600_000;

interface Reminder {
  /** Of the message that asked for it. */
  readonly messageId: string;
  readonly conversationId: string;
  /** ms. */
  readonly dueAt: number;
  readonly what: string;
}

const [networkPath, folder = 'bot'] = process.argv.slice(2);
const bot = await openBot('Reminder', networkPath, folder);
const file = join(folder, 'reminders.json');
let reminders: readonly Reminder[] = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : [];
let timer: NodeJS.Timeout | undefined;

remindAndSleep();
await forEachMessage(bot, (message) => answer(bot, message, replyTo(message)));
clearTimeout(timer);

function replyTo({ id: messageId, conversationId, body }: Message): string {
  const own = reminders.filter((reminder) => reminder.conversationId === conversationId);
  if (/^\s*list\s*$/i.test(body)) return own.map(describe).join('\n') || 'Nothing waits.';
  if (/^\s*forget\s*$/i.test(body)) {
    keep(reminders.filter((reminder) => !own.includes(reminder)));
    return 'All forgotten.';
  }
  const order = readOrder(body);
  if (!order) return HELP;
  if (order.inMs > LONGEST_MS) return 'That is too far away: a year at most.';
  if (own.length >= MOST_OF_ONE_PERSON) return 'Too much waits already.';
  const reminder = { messageId, conversationId, dueAt: Date.now() + order.inMs, what: order.what };
  // On disk before it is promised. After a crash between the two the message comes again.
  keep([...reminders.filter((other) => other.messageId !== messageId), reminder]);
  return `I will, ${describe(reminder)}`;
}

/** "remind me in N units to do something", `null` for everything else. */
function readOrder(text: string): { readonly inMs: number; readonly what: string } | null {
  const match = /^\s*remind me in (\d{1,9}) (second|minute|hour|day|week)s? (?:to |about |of )?(.+)$/is.exec(text);
  if (!match) return null;
  const [, count, unit, what] = match as unknown as [string, string, keyof typeof SECONDS, string];
  return { inMs: Number(count) * SECONDS[unit.toLowerCase() as keyof typeof SECONDS] * 1000, what: what.trim() };
}

function describe({ dueAt, what }: Reminder): string {
  return `${new Date(dueAt).toISOString().slice(0, 16).replace('T', ' ')} UTC: ${what}`;
}

function keep(changed: readonly Reminder[]): void {
  reminders = changed;
  writeWhole(file, JSON.stringify(changed));
  remindAndSleep();
}

/** Reminds of what is due, also of what became due while the bot was away, and sleeps until the next. */
function remindAndSleep(): void {
  const now = Date.now();
  const due = reminders.filter(({ dueAt }) => dueAt <= now);
  for (const { conversationId, what, messageId } of due) say(bot, conversationId, `⏰ ${what}`, messageId);
  // A crash right here reminds twice, which is better than never.
  if (due.length > 0) keep(reminders.filter((reminder) => !due.includes(reminder)));
  else sleepUntil(Math.min(...reminders.map(({ dueAt }) => dueAt)));
}

function sleepUntil(time: number): void {
  clearTimeout(timer);
  if (time !== Infinity) timer = setTimeout(remindAndSleep, Math.min(time - Date.now(), LONGEST_SLEEP));
}
