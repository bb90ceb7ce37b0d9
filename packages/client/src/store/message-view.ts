import type { Attachment, Message, MessagePage, Quote, Reaction } from '../engine.ts';
import { type AttachmentRecord, attachmentRecord } from './attachment-table.ts';
import type { Database, Row } from './database.ts';
import { type MessageRecord, messageRecord } from './message-record.ts';

const CURSOR = /^(\d{1,16})-(\d{1,16})$/;
/** UTF-16 units of a quoted text that are shown. */
const QUOTE_LENGTH = 300;

const MESSAGE = `
  SELECT m.*, q.id AS quoted_id, q.deleted AS quoted_deleted, substr(q.body, 1, ${QUOTE_LENGTH}) AS quoted_body,
    EXISTS (SELECT 1 FROM attachments a WHERE a.message = q.id AND a.is_preview = 0) AS quoted_attachment
  FROM messages m
  LEFT JOIN messages q ON q.author = m.quote_author AND q.sent_at = m.quote_sent_at AND q.conversation = m.conversation`;

/** What is going on with an attachment's file right now, which no table knows. */
export type TransferOf = (attachmentId: number) => Pick<Attachment, 'state' | 'progress'> | null;

/** Messages as the engine shows them, each with all that belongs to it; a page takes three statements, however long. */
export class MessageView {
  readonly #database: Database;
  /** Says what is loading now. */
  transferOf: TransferOf = () => null;

  constructor(database: Database) {
    this.#database = database;
  }

  get(id: number): Message | null {
    return this.load([id]).get(id) ?? null;
  }

  /** Those of the ids that are there. */
  load(ids: readonly number[]): Map<number, Message> {
    if (ids.length === 0) return new Map();
    const rows = this.#database.all(`${MESSAGE} WHERE m.id IN (SELECT value FROM json_each(@ids))`, {
      ids: JSON.stringify(ids),
    });
    return new Map(this.#complete(rows).map((message) => [Number(message.id), message]));
  }

  /** Up to `limit` messages, oldest first: the newest ones, or those before a cursor of an earlier page. */
  page(conversationId: string, before: string | undefined, limit: number): MessagePage {
    const cursor = before === undefined ? null : CURSOR.exec(before);
    if (before !== undefined && !cursor) return { messages: [], before: null };
    const placedAt = cursor ? Number(cursor[1]) : Number.MAX_SAFE_INTEGER;
    const id = cursor ? Number(cursor[2]) : Number.MAX_SAFE_INTEGER;
    return this.#page(this.#before(conversationId, placedAt, id, limit + 1), limit, []);
  }

  /** About half of `limit` before a message, then itself and what follows; `null` if it is not there. */
  around(id: number, limit: number): MessagePage | null {
    const row = this.#database.get('SELECT conversation, placed_at FROM messages WHERE id = @id', { id });
    if (!row) return null;
    const [conversation, placedAt] = [row.conversation as string, row.placed_at as number];
    const earlier = Math.floor(limit / 2);
    const rest = this.#database.all(
      `${MESSAGE} WHERE m.conversation = @conversation AND (m.placed_at, m.id) >= (@placedAt, @id)
       ORDER BY m.placed_at, m.id LIMIT @count`,
      { conversation, placedAt, id, count: limit - earlier },
    );
    return this.#page(this.#before(conversation, placedAt, id, earlier + 1), earlier, rest);
  }

  /** Newest first. */
  #before(conversation: string, placedAt: number, id: number, count: number): Row[] {
    return this.#database.all(
      `${MESSAGE} WHERE m.conversation = @conversation AND (m.placed_at, m.id) < (@placedAt, @id)
       ORDER BY m.placed_at DESC, m.id DESC LIMIT @count`,
      { conversation, placedAt, id, count },
    );
  }

  #page(earlier: readonly Row[], limit: number, rest: readonly Row[]): MessagePage {
    const rows = [...earlier.slice(0, limit).reverse(), ...rest];
    const oldest = rows[0];
    const before = earlier.length > limit && oldest ? `${oldest.placed_at}-${oldest.id}` : null;
    return { messages: this.#complete(rows), before };
  }

  #complete(rows: readonly Row[]): Message[] {
    const ids = JSON.stringify(rows.map(({ id }) => id));
    const attachments = this.#attachments(ids);
    const reactions = this.#reactions(ids);
    return rows.map((row) => {
      const record = messageRecord(row);
      const files = attachments.get(record.id) ?? [];
      return messageOf(record, quoteOf(record, row), record.deleted ? [] : (reactions.get(record.id) ?? []), files);
    });
  }

  #attachments(ids: string): Map<number, ShownAttachment[]> {
    const rows = this.#database.all(
      'SELECT * FROM attachments WHERE message IN (SELECT value FROM json_each(@ids)) ORDER BY message, position',
      { ids },
    );
    const byMessage = new Map<number, ShownAttachment[]>();
    for (const row of rows) {
      const record = attachmentRecord(row);
      const shown = { record, attachment: attachmentOf(record, this.transferOf(record.id)) };
      byMessage.set(record.messageId, [...(byMessage.get(record.messageId) ?? []), shown]);
    }
    return byMessage;
  }

  #reactions(ids: string): Map<number, Reaction[]> {
    const rows = this.#database.all(
      `SELECT m.id, r.emoji, r.author FROM messages m
       JOIN reactions r ON r.message_author = m.author AND r.message_sent_at = m.sent_at AND r.conversation = m.conversation
       WHERE m.id IN (SELECT value FROM json_each(@ids)) AND r.removed = 0 ORDER BY r.sent_at, r.author, r.emoji`,
      { ids },
    );
    const byMessage = new Map<number, { emoji: string; authors: string[] }[]>();
    for (const { id, emoji, author } of rows) {
      const all = byMessage.get(id as number) ?? [];
      byMessage.set(id as number, all);
      const same = all.find((reaction) => reaction.emoji === emoji);
      if (same) same.authors.push(author as string);
      else all.push({ emoji: emoji as string, authors: [author as string] });
    }
    return byMessage;
  }
}

interface ShownAttachment {
  readonly record: AttachmentRecord;
  readonly attachment: Attachment;
}

/** An attachment as the engine shows it. */
export function attachmentOf(record: AttachmentRecord, transfer: ReturnType<TransferOf>): Attachment {
  const settled = record.blob === null ? (record.isLost ? 'lost' : 'remote') : 'here';
  return {
    id: String(record.id),
    contentType: record.contentType,
    fileName: record.fileName,
    size: record.size,
    width: record.width,
    height: record.height,
    isVoiceMessage: record.isVoice,
    caption: record.caption,
    state: transfer?.state ?? settled,
    progress: transfer?.progress ?? null,
  };
}

function messageOf(
  record: MessageRecord,
  quote: Quote | null,
  reactions: readonly Reaction[],
  files: readonly ShownAttachment[],
): Message {
  const { details, disappearing, expiresAt } = record;
  const image = files.find(({ record }) => record.isPreview)?.attachment ?? null;
  return {
    id: String(record.id),
    conversationId: record.conversationId,
    kind: record.kind,
    direction: record.outgoing ? 'out' : 'in',
    author: record.author,
    sentAt: record.placedAt,
    body: record.body,
    delivery: record.delivery,
    failure: record.failure,
    read: record.wasRead,
    quote,
    reactions,
    attachments: files.filter(({ record }) => !record.isPreview).map(({ attachment }) => attachment),
    preview: details.preview ? { ...details.preview, image } : null,
    invitation: details.invitation ?? null,
    timer: details.timer ?? null,
    edited: record.versionAt !== null && !record.deleted,
    deleted: record.deleted,
    mentionsUs: record.mentionsUs,
    expiry: disappearing && { ...disappearing, at: expiresAt },
  };
}

function quoteOf({ quote }: MessageRecord, row: Row): Quote | null {
  if (!quote) return null;
  const isThere = row.quoted_id !== null && row.quoted_deleted === 0;
  return {
    ...quote,
    messageId: row.quoted_id === null ? null : String(row.quoted_id),
    body: isThere ? (row.quoted_body as string) : null,
    hasAttachment: isThere && row.quoted_attachment === 1,
  };
}
