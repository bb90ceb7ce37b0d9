import type { ChangeFeed } from '../../conversation/change-feed.ts';
import type { MailboxNamespace, StoredMessage } from '../../conversation/mailbox-namespace.ts';
import { Touched } from '../../conversation/touched.ts';
import { watchConfig } from './apply.ts';
import { type EditParts, putEdits } from './put-edits.ts';

/** What merging works with. */
export interface NamespaceParts extends EditParts {
  readonly feed: ChangeFeed;
  /** There may be something to push. */
  readonly onMerged: () => void;
  /** There may be a chore for our mailbox, or a picture to load. */
  readonly onWork: () => void;
}

/** One config in our mailbox: merges what comes, and takes over what is different (config §10). */
export class SharedNamespace implements MailboxNamespace {
  readonly namespace: number;
  readonly #parts: NamespaceParts;

  constructor(namespace: number, parts: NamespaceParts) {
    this.namespace = namespace;
    this.#parts = parts;
  }

  take(messages: readonly StoredMessage[], now: number): number {
    const { configs } = this.#parts;
    const { currentHashes } = configs.get(this.namespace);
    const unknown = messages.filter(({ hash }) => !currentHashes.has(hash));
    return unknown.length > 0 && this.merge(unknown, now) ? 1 : 0;
  }

  /**
   * Merges messages; none at all says that the swarm was asked and has nothing. Own edits come first, so that they take
   * part. @returns whether anything is different now.
   */
  merge(messages: readonly StoredMessage[], now: number): boolean {
    const { configs, store, feed, onMerged, onWork, ownId } = this.#parts;
    const touched = new Touched();
    const isChanged = configs.change(() => {
      putEdits(this.#parts, touched, now);
      const config = configs.get(this.namespace);
      const apply = watchConfig(this.namespace, configs, now);
      const { accepted, changed, lost } = config.merge(messages, now);
      if (lost) config.reapply(lost);
      const times = messages.filter(({ hash }) => accepted.has(hash)).map(({ timestamp }) => timestamp);
      const toldAt = Math.min(Math.max(0, ...times), now);
      if (changed || lost) apply({ store, configs, touched, ownId, now, toldAt });
      putEdits(this.#parts, touched, now);
      if (config.state === 'clean') this.#deleteStale(messages, touched);
      store.shared.noteTold(this.namespace, toldAt);
      store.shared.noteSynced(now);
      if (changed) store.shared.noteOther(toldAt);
      return changed;
    });
    feed.emit(...touched.changes(store));
    if (touched.hasWork) onWork();
    onMerged();
    return isChanged;
  }

  /**
   * What the mailbox holds beside our newer state goes. It may have come back because two devices pushed the same: then
   * others have read up to it already, and see what came between only when it is gone.
   */
  #deleteStale(messages: readonly StoredMessage[], touched: Touched): void {
    const { configs, store } = this.#parts;
    const { obsoleteHashes } = configs.get(this.namespace);
    for (const { hash } of messages) {
      if (!obsoleteHashes.has(hash)) continue;
      store.chores.addDeletion(hash, null);
      touched.work();
    }
  }
}
