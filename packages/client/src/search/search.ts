import type { SearchHit, SearchQuery } from '../engine.ts';
import type { Database, SqlParameters } from '../store/database.ts';
import type { MessageView } from '../store/message-view.ts';
import { matchExpression } from './match-expression.ts';
import { snippetsOf } from './snippets.ts';

const DEFAULT_LIMIT = 50;
const LARGEST_LIMIT = 200;
/** From so many messages with the words on, it is faster to go through all messages from the newest one. */
const MANY = 2000;
/** Found with no words to look for: shows the beginning of a message. */
const BEGINNING = 200;

/** Finds messages in the index of their words, which is part of the encrypted database. */
export class Search {
  readonly #database: Database;
  readonly #view: MessageView;

  constructor(database: Database, view: MessageView) {
    this.#database = database;
    this.#view = view;
  }

  /**
   * The newest messages that have all of the words and meet the conditions. With no words at all, but conditions, those
   * that meet these; with neither, none.
   */
  find(query: SearchQuery): SearchHit[] {
    const limit = Math.min(Math.max(Math.trunc(query.limit ?? DEFAULT_LIMIT), 1), LARGEST_LIMIT);
    const { sql, values } = conditionsOf(query);
    if (query.text.trim() === '') return sql.length === 0 ? [] : this.#beginnings(this.#latest(sql, values, limit));
    const expression = matchExpression(query.text, (part) => this.#database.tokens(part).length > 0);
    if (expression === null) return [];
    const ids = this.#matching(expression, sql, values, limit);
    const messages = this.#view.load(ids);
    const texts = new Map([...messages].map(([id, { body }]) => [id, body]));
    const snippets = snippetsOf(this.#database, texts, expression);
    return ids.flatMap((id) => {
      const [message, snippet] = [messages.get(id), snippets.get(id)];
      return message && snippet ? [{ message, ...snippet }] : [];
    });
  }

  #matching(expression: string, conditions: readonly string[], values: SqlParameters, limit: number): number[] {
    const count = this.#database.get(
      `SELECT count(*) AS count FROM (SELECT 1 FROM message_text WHERE message_text MATCH @expression LIMIT ${MANY})`,
      { expression },
    )?.count;
    const matching = 'm.id IN (SELECT rowid FROM message_text WHERE message_text MATCH @expression)';
    // The unary plus keeps an index from being used.
    return count === MANY
      ? this.#latest([`+${matching}`, ...conditions], { ...values, expression }, limit)
      : this.#sorted([matching, ...conditions], { ...values, expression }, limit);
  }

  /** Goes from the newest message back until there are enough. */
  #latest(conditions: readonly string[], values: SqlParameters, limit: number): number[] {
    const index = values.conversation === undefined ? 'messages_by_time' : 'messages_in_order';
    return this.#ids(`messages m INDEXED BY ${index}`, conditions, values, limit);
  }

  /** Takes all, then the newest of them. */
  #sorted(conditions: readonly string[], values: SqlParameters, limit: number): number[] {
    return this.#ids('messages m NOT INDEXED', conditions, values, limit);
  }

  #ids(source: string, conditions: readonly string[], values: SqlParameters, limit: number): number[] {
    return this.#database
      .all(
        `SELECT m.id FROM ${source} WHERE m.deleted = 0 AND m.kind = 'message' AND ${conditions.join(' AND ')}
         ORDER BY m.placed_at DESC, m.id DESC LIMIT @limit`,
        { ...values, limit },
      )
      .map(({ id }) => id as number);
  }

  #beginnings(ids: readonly number[]): SearchHit[] {
    const messages = this.#view.load(ids);
    return ids.flatMap((id) => {
      const message = messages.get(id);
      return message ? [{ message, snippet: beginningOf(message.body), marks: [] }] : [];
    });
  }
}

/** What a query asks for besides words. */
function conditionsOf({ conversationId, author, after, before, hasAttachment }: SearchQuery): {
  sql: string[];
  values: SqlParameters;
} {
  const hasFile = 'EXISTS (SELECT 1 FROM attachments a WHERE a.message = m.id AND a.is_preview = 0)';
  const sql = [
    ...(conversationId === undefined ? [] : ['m.conversation = @conversation']),
    ...(author === undefined ? [] : ['m.author = @author']),
    ...(after === undefined ? [] : ['m.placed_at >= @after']),
    ...(before === undefined ? [] : ['m.placed_at < @before']),
    ...(hasAttachment === undefined ? [] : [hasAttachment ? hasFile : `NOT ${hasFile}`]),
  ];
  const values = {
    ...(conversationId !== undefined && { conversation: conversationId }),
    ...(author !== undefined && { author }),
    ...(after !== undefined && { after }),
    ...(before !== undefined && { before }),
  };
  return { sql, values };
}

/** Whole characters only. */
function beginningOf(body: string): string {
  if (body.length <= BEGINNING) return body;
  return `${body.slice(0, BEGINNING).replace(/[\uD800-\uDBFF]$/, '')}…`;
}
