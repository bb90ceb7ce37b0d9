import { Search } from '../search/search.ts';
import { AccountTable } from './account-table.ts';
import { AttachmentTable } from './attachment-table.ts';
import { CallTable } from './call-table.ts';
import { ChoreTable } from './chore-table.ts';
import { ContactTokenTable } from './contact-token-table.ts';
import { ConversationTable } from './conversation-table.ts';
import { ConversationView } from './conversation-view.ts';
import type { Database } from './database.ts';
import { CursorTable, SeenTable } from './mailbox-tables.ts';
import { MessageTable } from './message-table.ts';
import { MessageView } from './message-view.ts';
import { OutboxTable } from './outbox-table.ts';
import { ReactionTable } from './reaction-table.ts';
import { EarlyAnswerTable, EarlyReceiptTable, TombstoneTables, VersionTable } from './reference-tables.ts';
import { SafetyTable } from './safety-table.ts';
import { SettingsTable } from './settings-table.ts';
import { SharedTable } from './shared-table.ts';

/** All tables of a profile, and the transaction that spans them. */
export class ProfileStore {
  readonly account: AccountTable;
  readonly attachments: AttachmentTable;
  readonly calls: CallTable;
  readonly chores: ChoreTable;
  readonly contactTokens: ContactTokenTable;
  readonly conversations: ConversationTable;
  readonly cursors: CursorTable;
  readonly earlyAnswers: EarlyAnswerTable;
  readonly earlyReceipts: EarlyReceiptTable;
  readonly messages: MessageTable;
  readonly outbox: OutboxTable;
  readonly reactions: ReactionTable;
  readonly safety: SafetyTable;
  readonly seen: SeenTable;
  readonly settings: SettingsTable;
  readonly shared: SharedTable;
  readonly tombstones: TombstoneTables;
  readonly versions: VersionTable;
  /** What the engine shows of messages and conversations. */
  readonly messageView: MessageView;
  readonly conversationView: ConversationView;
  readonly search: Search;
  readonly #database: Database;

  /** @param ownId our account id. */
  constructor(database: Database, ownId: string) {
    this.#database = database;
    this.account = new AccountTable(database);
    this.attachments = new AttachmentTable(database);
    this.calls = new CallTable(database);
    this.chores = new ChoreTable(database);
    this.contactTokens = new ContactTokenTable(database);
    this.conversations = new ConversationTable(database);
    this.cursors = new CursorTable(database);
    this.earlyAnswers = new EarlyAnswerTable(database);
    this.earlyReceipts = new EarlyReceiptTable(database);
    this.messages = new MessageTable(database);
    this.outbox = new OutboxTable(database);
    this.reactions = new ReactionTable(database);
    this.safety = new SafetyTable(database);
    this.seen = new SeenTable(database);
    this.settings = new SettingsTable(database);
    this.shared = new SharedTable(database);
    this.tombstones = new TombstoneTables(database);
    this.versions = new VersionTable(database);
    this.messageView = new MessageView(database);
    this.conversationView = new ConversationView(database, this.messageView, ownId);
    this.search = new Search(database, this.messageView);
  }

  /** All or nothing. `work` must not wait for anything. */
  transaction<T>(work: () => T): T {
    return this.#database.transaction(work);
  }
}
