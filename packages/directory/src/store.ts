import {
  acceptDirectory,
  basisOf,
  type DirectoryState,
  type HistoryEntry,
  initialState,
  rememberConflict,
  type VerifiedDirectory,
  validityOf,
} from './acceptance.ts';
import { DirectoryError } from './errors.ts';
import type { NetworkFile } from './network-file.ts';
import { NodeList, type NodeSource } from './node-source.ts';
import { parseState, serializeState } from './saved-state.ts';
import type { StateStorage } from './storage.ts';
import type { DecidingAuthorities } from './succession.ts';

/** What a directory store needs. */
export interface DirectoryStoreOptions {
  readonly networkFile: NetworkFile;
  /** Where the newest directory and with it the protection against older ones survive a restart; absent: nowhere. */
  readonly storage?: StateStorage;
  /** ms since 1970; absent: the system's clock. */
  readonly now?: () => number;
}

/**
 * The newest directory that this party has accepted. What it hands out has always been saved before.
 * `offer` and `refresh` may be called at any time; directories are judged one after the other.
 */
export class DirectoryStore implements NodeSource {
  readonly networkFile: NetworkFile;
  readonly #storage: StateStorage | undefined;
  readonly #now: () => number;
  readonly #listeners = new Set<(list: NodeList) => void>();
  #state: DirectoryState;
  #list: NodeList | null;
  #lastOffer: Promise<unknown> = Promise.resolve();

  private constructor(options: DirectoryStoreOptions, state: DirectoryState) {
    this.networkFile = options.networkFile;
    this.#storage = options.storage;
    this.#now = options.now ?? Date.now;
    this.#state = state;
    this.#list = state.accepted && new NodeList(state.accepted);
  }

  /**
   * Opens a store with what its storage holds.
   * @throws DirectoryError `storage` if that cannot be read, `wrong-network` if it belongs to another network.
   */
  static async open(options: DirectoryStoreOptions): Promise<DirectoryStore> {
    const saved = (await options.storage?.load()) ?? null;
    const state = saved ? parseState(saved, options.networkFile) : initialState(options.networkFile);
    return new DirectoryStore(options, state);
  }

  current(): NodeList | null {
    const { accepted } = this.#state;
    return accepted && validityOf(accepted, this.#now()) !== 'over' ? this.#list : null;
  }

  isExpired(): boolean {
    const { accepted } = this.#state;
    return accepted !== null && validityOf(accepted, this.#now()) !== 'current';
  }

  onChange(listener: (list: NodeList) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The accepted directory with its signed bytes and signers, however old; for mirrors, authorities and displays. */
  accepted(): VerifiedDirectory | null {
    return this.#state.accepted;
  }

  /** The directory that the authorities' next one follows; see `basisOf`. */
  basis(): VerifiedDirectory | null {
    return basisOf(this.#state);
  }

  /** Who decides now, with the places where they publish. */
  deciding(): DecidingAuthorities {
    return this.#state.deciding;
  }

  /** The signed successions since the network was made, oldest first. */
  successions(): readonly Uint8Array[] {
    return this.#state.successions;
  }

  /** Who signed the directories taken so far, and those that contradicted them; newest last, at most 200. */
  history(): readonly HistoryEntry[] {
    return this.#state.history;
  }

  /**
   * Takes signed directory bytes if they pass every rule: judged, then saved, then shown to everybody.
   * Gives `true` if this is another list than before, `false` if it is the same one.
   * @throws DirectoryError as `acceptDirectory`, or `storage` if it cannot be saved; nothing changes then.
   */
  offer(bytes: Uint8Array): Promise<boolean> {
    const offered = this.#lastOffer.then(() => this.#take(bytes));
    this.#lastOffer = offered.catch(() => {});
    return offered;
  }

  async #take(bytes: Uint8Array): Promise<boolean> {
    let state: DirectoryState;
    try {
      state = acceptDirectory(this.#state, bytes, this.#now());
    } catch (error) {
      if (error instanceof DirectoryError && error.code === 'conflict') await this.#remember(bytes);
      throw error;
    }
    if (state === this.#state || !state.accepted) return false;
    await this.#save(state);
    const list = new NodeList(state.accepted);
    this.#state = state;
    this.#list = list;
    for (const listener of this.#listeners) listener(list);
    return true;
  }

  async #remember(bytes: Uint8Array): Promise<void> {
    const state = rememberConflict(this.#state, bytes);
    if (state === this.#state) return;
    await this.#save(state);
    this.#state = state;
  }

  async #save(state: DirectoryState): Promise<void> {
    try {
      await this.#storage?.save(serializeState(state));
    } catch (cause) {
      throw new DirectoryError('storage', `cannot save the directory: ${(cause as Error).message}`, { cause });
    }
  }
}
