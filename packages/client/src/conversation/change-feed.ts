import type { Change } from '../engine.ts';

/** How many changes wait for a slow reader before those of single messages become one of their conversation. */
const DEFAULT_ROOM = 1000;

/** Hands changes to any number of readers; nobody waits for a reader. */
export class ChangeFeed {
  readonly #readers = new Set<Reader>();
  readonly #room: number;
  #closed = false;

  constructor(room = DEFAULT_ROOM) {
    this.#room = room;
  }

  /** Call it after the transaction that made the change. */
  emit(...changes: readonly Change[]): void {
    for (const reader of this.#readers) {
      for (const change of changes) reader.add(change);
    }
  }

  /** Changes from this call on, until the signal aborts, the feed closes, or the reader stops reading. */
  read(signal?: AbortSignal): AsyncIterableIterator<Change> {
    const reader = new Reader(this.#room, () => {
      this.#readers.delete(reader);
      signal?.removeEventListener('abort', reader.end);
    });
    this.#readers.add(reader);
    if (this.#closed || signal?.aborted) reader.end();
    else signal?.addEventListener('abort', reader.end, { once: true });
    return reader;
  }

  /** Ends all readers. */
  close(): void {
    this.#closed = true;
    for (const reader of [...this.#readers]) reader.end();
  }
}

/** What waits for one reader: the newest change of each thing, in the order in which the things first changed. */
class Reader implements AsyncIterableIterator<Change> {
  readonly #waiting = new Map<string, Change>();
  readonly #room: number;
  readonly #onEnd: () => void;
  #ended = false;
  #pending: ((result: IteratorResult<Change>) => void)[] = [];

  constructor(room: number, onEnd: () => void) {
    this.#room = room;
    this.#onEnd = onEnd;
  }

  add(change: Change): void {
    if (this.#ended) return;
    const resolve = this.#pending.shift();
    if (resolve) {
      resolve({ done: false, value: change });
      return;
    }
    if (this.#waiting.size >= this.#room && isDetail(change)) this.#coalesce();
    const kept = this.#waiting.size >= this.#room ? conversationChange(change) : change;
    const key = keyOf(kept);
    this.#waiting.set(key, stillNew(this.#waiting.get(key), kept));
  }

  /** Ends the reading; what already waits is dropped, as whoever ends it does not look any more. */
  readonly end = (): void => {
    if (this.#ended) return;
    this.#ended = true;
    this.#waiting.clear();
    for (const resolve of this.#pending) resolve({ done: true, value: undefined });
    this.#pending = [];
    this.#onEnd();
  };

  next(): Promise<IteratorResult<Change>> {
    for (const [key, change] of this.#waiting) {
      this.#waiting.delete(key);
      return Promise.resolve({ done: false, value: change });
    }
    if (this.#ended) return Promise.resolve({ done: true, value: undefined });
    const { promise, resolve } = Promise.withResolvers<IteratorResult<Change>>();
    this.#pending.push(resolve);
    return promise;
  }

  return(): Promise<IteratorResult<Change>> {
    this.end();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #coalesce(): void {
    const all = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const change of all) {
      const kept = conversationChange(change);
      this.#waiting.set(keyOf(kept), kept);
    }
  }
}

/** A message that the reader has not heard of yet stays new, whatever happens to it meanwhile. */
function stillNew(before: Change | undefined, change: Change): Change {
  const isNew = before?.kind === 'message' && before.isNew && change.kind === 'message';
  return isNew ? { ...change, isNew } : change;
}

function isDetail({ kind }: Change): boolean {
  return kind === 'message' || kind === 'message-removed' || kind === 'attachment';
}

/** What stands in for a change when too many wait. */
function conversationChange(change: Change): Change {
  if (change.kind === 'message') return { kind: 'conversation', conversationId: change.message.conversationId };
  if (change.kind === 'message-removed' || change.kind === 'attachment') {
    return { kind: 'conversation', conversationId: change.conversationId };
  }
  return change;
}

function keyOf(change: Change): string {
  switch (change.kind) {
    case 'message':
      return `message ${change.message.id}`;
    case 'message-removed':
      return `message ${change.messageId}`;
    case 'attachment':
      return `attachment ${change.attachment.id}`;
    case 'conversation':
    case 'conversation-removed':
      return `conversation ${change.conversationId}`;
    default:
      return change.kind;
  }
}
