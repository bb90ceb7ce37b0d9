import { AccountTable } from './account-table.ts';
import { ConversationTable } from './conversation-table.ts';
import type { Database } from './database.ts';
import { CursorTable, SeenTable } from './mailbox-tables.ts';
import { MessageTable } from './message-table.ts';
import { OutboxTable } from './outbox-table.ts';
import { SettingsTable } from './settings-table.ts';

/** All tables of a profile, and the transaction that spans them. */
export class ProfileStore {
  readonly account: AccountTable;
  readonly settings: SettingsTable;
  readonly conversations: ConversationTable;
  readonly messages: MessageTable;
  readonly outbox: OutboxTable;
  readonly seen: SeenTable;
  readonly cursors: CursorTable;
  readonly #database: Database;

  /** @param ownId our account id. */
  constructor(database: Database, ownId: string) {
    this.#database = database;
    this.account = new AccountTable(database);
    this.settings = new SettingsTable(database);
    this.messages = new MessageTable(database);
    this.conversations = new ConversationTable(database, this.messages, ownId);
    this.outbox = new OutboxTable(database);
    this.seen = new SeenTable(database);
    this.cursors = new CursorTable(database);
  }

  /** All or nothing. `work` must not wait for anything. */
  transaction<T>(work: () => T): T {
    return this.#database.transaction(work);
  }
}
