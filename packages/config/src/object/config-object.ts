import { ConfigError } from '../errors.ts';
import {
  type ConfigMessage,
  type Draft,
  draftAfter,
  emptyMessage,
  type Fate,
  finishDraft,
  LAG,
  type Merged,
  mergeMessages,
} from '../message/index.ts';
import { type Packing, PartCollector, pack } from '../pack/index.ts';
import { apply, type Dict, diff, EMPTY_DICT, prune } from '../values/index.ts';
import type { ConfigOptions, ConfigState, MergeOutcome, Push, Signing } from './contract.ts';
import { type Edits, type Incoming, readIncoming, type StoredMessage } from './incoming.ts';
import type { Snapshot } from './snapshot.ts';

/**
 * One config of an account or group as one device holds it (config §8): edited, pushed, confirmed, merged, dumped. It
 * knows nothing of what the config says, nor of networks and clocks: times (`now`) are ms since 1970.
 */
export class ConfigObject {
  readonly #lag: number;
  readonly #signing: Signing | null;
  readonly #prune: (data: Dict, now: number) => Dict;
  #packing: Packing;
  /** The revision that is being written; the state is dirty as long as there is one. */
  #draft: Draft | null;
  /** The current revision; out of date while there is a draft that has not been finished. */
  #message: ConfigMessage | null;
  #waiting: boolean;
  #currentHashes: ReadonlySet<string>;
  #oldHashes: Set<string>;
  readonly #parts: PartCollector;
  /** The data without the own edits that others cannot have seen yet. */
  #base: Dict;
  /** Nothing has been merged yet: all there is are edits by somebody who has not seen the account's state. */
  #early: boolean;
  #needsDump = false;

  /** A config that nobody has edited, or the one that a snapshot holds. */
  constructor(
    { packing, signing = null, lag = LAG, prune: pruneOld = (data) => data }: ConfigOptions,
    snapshot: Snapshot | null = null,
  ) {
    this.#packing = packing;
    this.#signing = signing;
    this.#lag = lag;
    this.#prune = pruneOld;
    const message = snapshot?.message ?? emptyMessage();
    const dirty = snapshot?.state === 'dirty';
    const { seqno, data, lags, unknown } = message;
    this.#draft = dirty ? { seqno, data, lags, unknown, original: snapshot.original } : null;
    this.#message = dirty ? null : message;
    this.#waiting = snapshot?.state === 'waiting';
    this.#currentHashes = new Set(snapshot?.currentHashes);
    this.#oldHashes = new Set(snapshot?.oldHashes);
    this.#parts = new PartCollector(snapshot?.parts);
    this.#base = snapshot?.base ?? EMPTY_DICT;
    this.#early = snapshot?.early ?? true;
  }

  get state(): ConfigState {
    return this.#draft ? 'dirty' : this.#waiting ? 'waiting' : 'clean';
  }

  get seqno(): bigint {
    return (this.#draft ?? this.message).seqno;
  }

  /** What the config says now. */
  get data(): Dict {
    return (this.#draft ?? this.message).data;
  }

  /** The current revision as a finished message. */
  get message(): ConfigMessage {
    this.#message ??= finishDraft(this.#draft!, this.#signing?.secretKey ?? null);
    return this.#message;
  }

  /** Whether {@link push} has something to tell the swarm. */
  get needsPush(): boolean {
    return this.state !== 'clean';
  }

  /** Whether the state differs from the last {@link snapshot} or load. */
  get needsDump(): boolean {
    return this.#needsDump;
  }

  /** Whether edits are refused. */
  get readOnly(): boolean {
    return this.#signing !== null && this.#signing.secretKey === null;
  }

  /** Whether nothing has been merged yet, so that edits are those of somebody who has not seen the account's state. */
  get early(): boolean {
    return this.#early;
  }

  /** Storage hashes of the messages that hold the current revision. */
  get currentHashes(): ReadonlySet<string> {
    return this.#currentHashes;
  }

  /** Storage hashes that the next push hands out for deletion. */
  get obsoleteHashes(): ReadonlySet<string> {
    return this.#oldHashes;
  }

  /** Storage hashes that must not expire: the current revision's, and parts that wait for others (config §8). */
  get activeHashes(): ReadonlySet<string> {
    return new Set([...this.#currentHashes, ...this.#parts.waiting]);
  }

  /** Changes the keys: of a group that got a new one. The first encrypts, all are tried for decryption. */
  setKeys(keys: readonly Uint8Array[]): void {
    this.#packing = { ...this.#packing, keys };
  }

  /**
   * Replaces the data by what `change` makes of it; returns whether that is something else. The first edit after a push
   * begins a new revision (config §4).
   * @throws ConfigError `read-only`.
   */
  edit(change: (data: Dict) => Dict): boolean {
    if (this.readOnly) throw new ConfigError('read-only', 'this config can only be read');
    const data = change(this.data);
    if (data === this.data) return false;
    const draft = this.#draft ?? draftAfter(this.message, this.#lag);
    this.#become({ ...draft, data });
    return true;
  }

  /**
   * Makes edits again that a merge reported as lost: in a revision of their own, so that they count as later than what
   * other devices merged from the same messages.
   */
  reapply({ changes, source }: Edits): void {
    this.#become({ ...draftAfter(this.message, this.#lag), data: apply(this.data, changes, source) });
  }

  /**
   * What is to be stored (config §8). A dirty config is waiting afterwards. Called again, also when clean, it gives the
   * same bytes, but the obsolete hashes are handed out once: {@link returnObsolete} those that were not deleted.
   * @throws ConfigError `too-large` if the config cannot be sent; then nothing has changed.
   */
  push(now: number): Push {
    if (this.#draft) this.edit((data) => this.#prune(data, now));
    const { seqno, bytes } = this.message;
    const { messages, multipart } = pack(bytes, seqno, this.#packing);
    if (multipart !== null) this.#parts.finish(multipart, now);
    const obsolete = this.readOnly ? [] : [...this.#oldHashes];
    if (this.#draft || obsolete.length > 0) this.#needsDump = true;
    if (this.#draft) {
      this.#draft = null;
      this.#waiting = true;
    }
    if (!this.readOnly) this.#oldHashes.clear();
    return { seqno, messages, obsolete };
  }

  /** Takes back obsolete hashes of a push that were not deleted; the next push hands them out again. */
  returnObsolete(hashes: Iterable<string>): void {
    for (const hash of hashes) {
      if (this.#currentHashes.has(hash)) continue;
      this.#oldHashes.add(hash);
      this.#needsDump = true;
    }
  }

  /**
   * Says that all messages of a push were stored, under these hashes. Ignored if the config has been edited or merged
   * since (config §8).
   */
  confirm(seqno: bigint, hashes: Iterable<string>): void {
    if (this.state !== 'waiting' || seqno !== this.seqno) return;
    this.#waiting = false;
    this.#currentHashes = new Set(hashes);
    this.#keepCurrent();
    if (!this.#early) this.#base = this.data;
    this.#needsDump = true;
  }

  /**
   * Takes what the swarm holds, in any order (config §8). Messages that cannot be understood change nothing. An empty
   * list says that the swarm was asked and held nothing new: afterwards edits count as made in knowledge of its state.
   */
  merge(stored: readonly StoredMessage[], now: number): MergeOutcome {
    if (this.#parts.expire(now)) this.#needsDump = true;
    const { configs, accepted, partsChanged } = readIncoming(stored, {
      packing: this.#packing,
      lag: this.#lag,
      verifyKey: this.#signing?.publicKey ?? null,
      parts: this.#parts,
      now,
    });
    if (partsChanged) this.#needsDump = true;
    const before = this.data;
    const lost = configs.length > 0 ? this.#mergeConfigs(configs) : null;
    if (configs.length > 0 || this.#parts.waiting.length === 0) this.#endEarlyPhase();
    return { accepted, changed: this.data !== before, lost };
  }

  /** All that must survive a restart. Store it before a push is sent, and after every merge and confirm (config §8). */
  snapshot(): Snapshot {
    this.#needsDump = false;
    return {
      state: this.state,
      message: this.message,
      original: this.#draft?.original ?? EMPTY_DICT,
      base: this.#base,
      early: this.#early,
      currentHashes: [...this.#currentHashes],
      oldHashes: [...this.#oldHashes],
      parts: [...this.#parts.sets],
    };
  }

  #mergeConfigs(configs: readonly Incoming[]): Edits | null {
    const own: Incoming[] =
      this.seqno !== 0n || this.state === 'dirty' ? [{ message: this.message, hashes: [...this.#currentHashes] }] : [];
    const inputs = [...own, ...configs];
    const merged = mergeMessages(
      inputs.map(({ message }) => message),
      this.#lag,
      this.readOnly,
    );
    const chosen = merged.kind === 'chosen' ? inputs[merged.index]! : null;
    for (const input of inputs) {
      if (input !== chosen && !this.#isEcho(input.message)) this.#makeObsolete(input.hashes);
    }
    const { seqno } = merged.kind === 'merged' ? merged.revision : inputs[merged.index]!.message;
    const lost = seqno === this.seqno ? null : this.#adopt(merged, chosen, own.length > 0 ? merged.fates[0]! : 'used');
    this.#keepCurrent();
    return lost;
  }

  /** Takes over the result of a merge; returns own edits that are not in it although no rule of merging says so. */
  #adopt(merged: Merged, chosen: Incoming | null, ownFate: Fate): Edits | null {
    const before = this.data;
    const edits = { changes: diff(this.#base, before), source: before };
    // A message that was never pushed is known to others only if they happened to say the same at some time.
    const seen = ownFate === 'known' && !this.#draft;
    const mayBeLost = ownFate === 'too-old' || (this.#early && !seen);
    if (merged.kind === 'merged') {
      const { revision } = merged;
      // So that the own edits are still the difference to the base.
      this.#base = prune(apply(revision.data, diff(before, this.#base), this.#base));
      this.#become({ ...revision, original: this.#draft ? revision.data : EMPTY_DICT });
    } else {
      this.#draft = null;
      this.#waiting = false;
      this.#message = chosen!.message;
      this.#currentHashes = new Set(chosen!.hashes);
      this.#base = this.data;
      this.#needsDump = true;
    }
    return mayBeLost && apply(this.data, edits.changes, before) !== this.data ? edits : null;
  }

  /** Goes on with a revision that is still being written. */
  #become(draft: Draft): void {
    this.#makeObsolete(this.#currentHashes);
    this.#currentHashes = new Set();
    this.#draft = draft;
    this.#message = null;
    this.#waiting = false;
    this.#needsDump = true;
  }

  /** The own push, polled back before it was confirmed: deleting it would delete what is current. */
  #isEcho(message: ConfigMessage): boolean {
    return this.state === 'waiting' && message.seqno === this.seqno && message.hash === this.message.hash;
  }

  #makeObsolete(hashes: Iterable<string>): void {
    for (const hash of hashes) {
      this.#oldHashes.add(hash);
      this.#needsDump = true;
    }
  }

  #keepCurrent(): void {
    for (const hash of this.#currentHashes) this.#oldHashes.delete(hash);
  }

  #endEarlyPhase(): void {
    if (!this.#early) return;
    this.#early = false;
    if (this.state === 'clean') this.#base = this.data;
    this.#needsDump = true;
  }
}
