/**
 * The public interface of the engine: what the app, the command line and bots use.
 * Times are Unix milliseconds of network time. Values are plain data that may cross a process border.
 */

/** Where a message that we wrote stands on its way. */
export type DeliveryState = 'waiting' | 'sending' | 'stored' | 'failed';

/**
 * Why a message could not be sent, in terms a person can act on; screens translate it. Without a network messages wait
 * and do not fail, so `offline` is told only by engines that cannot keep them.
 */
export type FailureReason = 'offline' | 'network-unreachable' | 'refused' | 'clock-wrong' | 'too-long';

/** A text message in a conversation. */
export interface Message {
  /** Local id, stable over restarts, unique in this profile. */
  readonly id: string;
  readonly conversationId: string;
  readonly direction: 'in' | 'out';
  /** Account id (66 hex) of the author. */
  readonly author: string;
  /** When it was sent, as its author says; for one that claims the future, when it came in. */
  readonly sentAt: number;
  readonly body: string;
  /** `null` for messages that we received. */
  readonly delivery: DeliveryState | null;
  /** Set exactly when `delivery` is `failed`. */
  readonly failure: FailureReason | null;
}

/** A line of the chat list. The id of a one-to-one conversation is the other account id; of note to self, our own. */
export interface Conversation {
  readonly id: string;
  /** What to call it: the name that came with their messages, or `null` if none is known yet. */
  readonly name: string | null;
  readonly isNoteToSelf: boolean;
  /** Somebody wrote to us and we have not answered yet (messages §5.11). */
  readonly isRequest: boolean;
  readonly unread: number;
  readonly lastMessage: Message | null;
  readonly lastActivityAt: number;
}

/** A page of messages, oldest first. `before` continues with older ones; `null` at the beginning. */
export interface MessagePage {
  readonly messages: readonly Message[];
  readonly before: string | null;
}

/** Our own account as others see it. */
export interface AccountInfo {
  readonly accountId: string;
  readonly name: string;
}

/** One relay of the path in use. */
export interface RouteRelay {
  readonly role: 'guard' | 'middle' | 'exit';
  readonly address: string;
  /** Ed25519 key of the node, hex. */
  readonly key: string;
}

/** The live private route. `relays` is empty while no path stands. */
export interface RouteInfo {
  readonly state: 'connecting' | 'connected' | 'offline';
  readonly relays: readonly RouteRelay[];
  /** Median of the last round trips in ms, `null` before the first. */
  readonly roundTripMs: number | null;
  readonly builtAt: number | null;
  readonly networkName: string;
  /** Nodes that the network's directory lists. */
  readonly nodes: number;
  /** How many nodes keep what is sent to the mailbox asked about. */
  readonly mailboxCopies: number;
  /** The directory in use is older than its signature allows; shown to the person as a warning. */
  readonly directoryExpired: boolean;
  /** All nodes are in one place, so the rules that keep a route's relays apart are lifted; the person is told. */
  readonly oneSite: boolean;
}

/** Something changed; receivers query what they show. */
export type Change =
  | { readonly kind: 'account' }
  | { readonly kind: 'conversation'; readonly conversationId: string }
  | { readonly kind: 'message'; readonly message: Message }
  | { readonly kind: 'route' };

/** Settings of one profile that are not part of the account. */
export interface Settings {
  readonly theme: 'system' | 'light' | 'dark';
  readonly language: string;
  /** The person has confirmed that the recovery phrase is written down. */
  readonly phraseConfirmed: boolean;
}

/** A running messenger of one account. Every command is durable before it returns. */
export interface Engine {
  account(): AccountInfo;
  settings(): Settings;
  /** The private route, and the mailbox at its end: that of a conversation, or absent, our own. @throws EngineError `bad-account-id` */
  route(conversationId?: string): RouteInfo;
  /** Newest activity first. */
  conversations(): readonly Conversation[];
  conversation(conversationId: string): Conversation | null;
  /** The newest page, or the one before a cursor. `limit` 1–200, default 50. */
  messages(conversationId: string, page?: { readonly before?: string; readonly limit?: number }): MessagePage;
  /** The 13 words. Shown to the person, never logged. */
  recoveryPhrase(): string;

  /** Creates the conversation if it is new. @throws EngineError `bad-account-id` */
  openConversation(accountId: string): Conversation;
  /** Puts a text into the outbox. @throws EngineError `bad-account-id`, `empty`, `too-long` */
  send(conversationId: string, body: string): Message;
  /** Sends a failed message again. @throws EngineError `not-found` */
  retry(messageId: string): Message;
  markRead(conversationId: string): void;
  /** @throws EngineError `bad-name` if empty or above 100 bytes of UTF-8 */
  setName(name: string): void;
  setSettings(settings: Partial<Settings>): void;

  /**
   * Changes from now on, until the signal aborts or the engine closes. A slow reader misses none: it gets the newest
   * state of each message once, and if very many wait, one `conversation` change instead of those of its messages.
   */
  changes(signal?: AbortSignal): AsyncIterable<Change>;
  /** Stops all work; resolves when nothing runs any more and the database is closed. */
  close(): Promise<void>;
}

/** What went wrong with a call of the engine, for callers; never holds a secret. */
export type EngineErrorCode =
  | 'bad-account-id'
  | 'bad-name'
  | 'bad-phrase'
  | 'bad-network'
  | 'empty'
  | 'too-long'
  | 'not-found'
  | 'locked'
  | 'wrong-passphrase'
  | 'profile-missing'
  | 'profile-exists'
  | 'profile-in-use'
  | 'profile-damaged'
  /** Nothing was changed; the call may be repeated when there is room. */
  | 'disk-full'
  | 'closed';

/** The one error class of this package's public calls. */
export class EngineError extends Error {
  readonly code: EngineErrorCode;

  constructor(code: EngineErrorCode, message: string) {
    super(message);
    this.name = 'EngineError';
    this.code = code;
  }
}
