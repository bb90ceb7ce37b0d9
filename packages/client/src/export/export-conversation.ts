import { createWriteStream } from 'node:fs';
import { mkdir, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { EngineError, type ExportReport, type Message } from '../engine.ts';
import type { LocalFiles } from '../files/local-files.ts';
import { requireOpen } from '../messenger/ongoing.ts';
import { asDiskFull } from '../store/full-disk.ts';
import type { ProfileStore } from '../store/profile-store.ts';
import { exportedName } from './file-name.ts';
import {
  dayHeading,
  MEDIA_FOLDER,
  messageSection,
  PAGE_FOOT,
  type PageFacts,
  pageHead,
  type ShownFile,
} from './page.ts';

const PAGE = 'index.html';
/** Messages that are in memory at once. */
const AT_ONCE = 200;

/** What an export reads from. */
export interface ExportParts {
  readonly store: ProfileStore;
  readonly files: LocalFiles;
  readonly ownId: string;
  /** Local time, ms. */
  readonly now: number;
  /** Aborts when the engine closes. */
  readonly signal: AbortSignal;
}

/** What was written, and the last file among it that the other side sent, by its attachment's id. */
export interface Exported {
  readonly report: ExportReport;
  readonly lastSaved: string | null;
}

/**
 * Writes a conversation as a page with its files beside it, into a folder that is new or empty; readable by its owner
 * only. If it fails, nothing of it stays. @throws EngineError `not-found`, `not-allowed`, `disk-full`, `closed`
 */
export async function exportConversation(
  parts: ExportParts,
  conversationId: string,
  folder: string,
): Promise<Exported> {
  const conversation = parts.store.conversationView.get(conversationId);
  if (!conversation) throw new EngineError('not-found', 'there is no such conversation');
  const isNew = await prepare(folder);
  try {
    return await new Writing(parts, factsOf(parts, conversation), folder).write(conversationId);
  } catch (error) {
    for (const name of [PAGE, MEDIA_FOLDER]) await rm(join(folder, name), { recursive: true, force: true });
    if (isNew) await rm(folder, { recursive: true, force: true });
    throw asDiskFull(error);
  }
}

class Writing {
  readonly #parts: ExportParts;
  readonly #facts: PageFacts;
  readonly #folder: string;
  #messages = 0;
  #files = 0;
  #missing = 0;
  #lastSaved: string | null = null;

  constructor(parts: ExportParts, facts: PageFacts, folder: string) {
    this.#parts = parts;
    this.#facts = facts;
    this.#folder = folder;
  }

  async write(conversationId: string): Promise<Exported> {
    const page = join(this.#folder, PAGE);
    await mkdir(join(this.#folder, MEDIA_FOLDER), { mode: 0o700 });
    await pipeline(Readable.from(this.#page(conversationId)), createWriteStream(page, { flags: 'wx', mode: 0o600 }));
    const report = { page, messages: this.#messages, files: this.#files, missingFiles: this.#missing };
    return { report, lastSaved: this.#lastSaved };
  }

  async *#page(conversationId: string): AsyncGenerator<string, void, undefined> {
    const { store, signal } = this.#parts;
    yield pageHead(this.#facts);
    const ids = store.messages.lastingIn(conversationId);
    let previous: number | null = null;
    for (let start = 0; start < ids.length; start += AT_ONCE) {
      const some = ids.slice(start, start + AT_ONCE);
      const loaded = store.messageView.load(some);
      for (const id of some) {
        requireOpen(signal);
        const message = loaded.get(id);
        if (!message) continue;
        yield dayHeading(message.sentAt, previous);
        previous = message.sentAt;
        yield messageSection(message, await this.#filesOf(message), this.#hidesQuote(message), this.#facts);
        this.#messages++;
      }
    }
    yield PAGE_FOOT;
  }

  async #filesOf(message: Message): Promise<ShownFile[]> {
    const shown: ShownFile[] = [];
    for (const attachment of message.attachments) {
      const name = exportedName(this.#files + 1, attachment.fileName, attachment.contentType);
      const isWritten = await this.#writeFile(attachment.id, name.name);
      shown.push({ attachment, name: isWritten ? name : null });
      if (!isWritten) this.#missing++;
      else {
        this.#files++;
        if (message.direction === 'in') this.#lastSaved = attachment.id;
      }
    }
    return shown;
  }

  /** @returns whether the file is on this device. */
  async #writeFile(attachmentId: string, name: string): Promise<boolean> {
    const { store, files } = this.#parts;
    const blob = store.attachments.get(Number(attachmentId))?.blob ?? null;
    if (blob === null) return false;
    const path = join(this.#folder, MEDIA_FOLDER, name);
    const file = await open(path, 'wx', 0o600);
    try {
      for await (const piece of files.stream(blob)) await file.appendFile(piece);
      return true;
    } catch (error) {
      if (!(error instanceof EngineError) || error.code !== 'not-found') throw error;
      await rm(path, { force: true });
      return false;
    } finally {
      await file.close();
    }
  }

  #hidesQuote({ quote }: Message): boolean {
    if (!quote || quote.messageId === null) return false;
    return this.#parts.store.messages.get(Number(quote.messageId))?.disappearing != null;
  }
}

/** @returns whether it had to be made. */
async function prepare(folder: string): Promise<boolean> {
  const found = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw new EngineError('not-allowed', 'this is not a folder that can be written');
  });
  if (found !== null && found.length > 0) throw new EngineError('not-allowed', 'the folder is not empty');
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  } catch {
    throw new EngineError('not-allowed', 'the folder cannot be made');
  }
  return found === null;
}

function factsOf(
  { store, ownId, now }: ExportParts,
  conversation: { readonly name: string | null; readonly id: string; readonly isNoteToSelf: boolean },
): PageFacts {
  const ownName = store.account.profile().name || 'You';
  const theirs = conversation.name ?? conversation.id;
  const nameOf = (accountId: string) => {
    if (accountId === ownId) return ownName;
    return accountId === conversation.id ? theirs : accountId;
  };
  return { title: conversation.isNoteToSelf ? 'Note to self' : theirs, at: now, nameOf };
}
