// A bot that saves the files it is sent into a folder and answers with their names and SHA-256.
// Run it with: node examples/file-drop-bot.ts network.sotto bot-folder --into received
//   --largest BYTES of one file (10000000), --room BYTES of all together (1000000000), --only ACCOUNT_ID (may be repeated)
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, parse } from 'node:path';
import { parseArgs } from 'node:util';
import type { Attachment, Message } from '@sotto/client';
import { answer, openBot, untilClosed } from './bot.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    into: { type: 'string', default: 'received' },
    largest: { type: 'string', default: '10000000' },
    room: { type: 'string', default: '1000000000' },
    only: { type: 'string', multiple: true },
  },
});
const [networkPath, folder = 'bot'] = positionals;
const bot = await openBot('File drop', networkPath, folder);
mkdirSync(values.into, { recursive: true, mode: 0o700 });

/** What became of a file; one line of JSON each, so that a restart does nothing twice. `file`: `null` if it was not saved. */
interface Entry {
  readonly id: string;
  readonly file: string | null;
  readonly size: number;
  readonly sha256?: string;
}

const journal = join(folder, 'files.jsonl');
const entries = new Map<string, Entry>(readJournal().map((entry) => [entry.id, entry]));
/** Files that are on their way: id and size. */
const coming = new Map<string, number>();

await untilClosed(async () => {
  const changes = bot.changes();
  for (const { id } of bot.conversations()) await takeNewest(id);
  for await (const change of changes) {
    if (change.kind === 'message' && change.message.direction === 'in') await take(change.message);
    else if (change.kind === 'conversation') await takeNewest(change.conversationId);
    else if (change.kind === 'attachment' && coming.has(change.attachment.id)) {
      if (change.attachment.progress === null) await takeNewest(change.conversationId);
    }
  }
});

async function takeNewest(conversationId: string): Promise<void> {
  for (const message of bot.messages(conversationId, { limit: 200 }).messages) await take(message);
  if (bot.conversation(conversationId)?.unread) bot.markRead(conversationId);
}

/** Loads what is not here, saves what is; may be called as often as one likes. */
async function take(message: Message): Promise<void> {
  if (message.direction !== 'in' || message.deleted) return;
  if (values.only && !values.only.includes(message.author)) return;
  for (const attachment of message.attachments) {
    const { id, size, state } = attachment;
    if (entries.has(id)) continue;
    if (state === 'here') await save(message, attachment);
    else if (state === 'lost') refuse(message, attachment, 'it could not be loaded');
    else if (size > Number(values.largest)) refuse(message, attachment, `more than ${values.largest} bytes`);
    else if (!coming.has(id) && size > roomLeft()) refuse(message, attachment, 'no room is left');
    else if (!coming.has(id)) {
      // What comes is never longer than it says; the engine sees to that.
      coming.set(id, size);
      bot.downloadAttachment(id);
    }
  }
}

async function save(message: Message, attachment: Attachment): Promise<void> {
  const bytes = await bot.readAttachment(attachment.id);
  const file = writeUnderFreeName(safeName(attachment), bytes);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  note({ id: attachment.id, file, size: bytes.length, sha256 });
  answer(bot, message, `Saved ${file}, ${bytes.length} bytes\nSHA-256 ${sha256}`);
}

function refuse(message: Message, attachment: Attachment, why: string): void {
  note({ id: attachment.id, file: null, size: 0 });
  answer(bot, message, `Not saved: ${safeName(attachment)} (${why}).`);
}

function note(entry: Entry): void {
  coming.delete(entry.id);
  entries.set(entry.id, entry);
  appendFileSync(journal, `${JSON.stringify(entry)}\n`, { mode: 0o600, flush: true });
}

/** A crash can leave a last line that is not whole. */
function readJournal(): Entry[] {
  const lines = existsSync(journal) ? readFileSync(journal, 'utf8').split('\n') : [];
  return lines.filter((line) => line.startsWith('{') && line.endsWith('}')).map((line) => JSON.parse(line) as Entry);
}

function roomLeft(): number {
  const saved = [...entries.values()].reduce((sum, { size }) => sum + size, 0);
  return Number(values.room) - [...coming.values()].reduce((sum, size) => sum + size, saved);
}

/** A name that no system takes for a path, a hidden file or a device, and that reads as it is written. */
function safeName({ fileName }: Attachment): string {
  // Path separators, what Windows forbids, control characters, and those that turn the direction of writing.
  const plain = (fileName ?? 'file').normalize('NFC').replaceAll(/[/\\<>:"|?*\p{C}]/gu, '_');
  const { name, ext } = parse(plain.replace(/^[.\s]+|[.\s]+$/g, ''));
  const isDevice = /^(con|prn|aux|nul|com\d|lpt\d)$/i.test(name.split('.')[0]!);
  return `${isDevice ? '_' : ''}${Array.from(name).slice(0, 60).join('') || 'file'}${ext.slice(0, 16)}`;
}

function writeUnderFreeName(wanted: string, bytes: Uint8Array): string {
  const { name, ext } = parse(wanted);
  for (let number = 1; ; number++) {
    const file = number === 1 ? wanted : `${name} (${number})${ext}`;
    try {
      writeFileSync(join(values.into, file), bytes, { flag: 'wx', mode: 0o600 });
      return file;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}
