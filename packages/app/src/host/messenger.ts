import { type Change, type Engine, EngineError, type ProxySetting } from '@sotto/client';
import { type AnyNetworkFile, networkId } from '@sotto/directory';
import { equalBytes } from '@sotto/wire/bytes';
import { Feed } from './feed.ts';

/** What the page shows: no network to join yet, no account yet, an account behind a passphrase, or the messenger. */
export type AppState = 'no-network' | 'welcome' | 'locked' | 'ready';

/** What the page needs to know before there is an account. */
export interface AppStatus {
  readonly state: AppState;
  /** The profile opens only with a passphrase. */
  readonly hasPassphrase: boolean;
  /** Empty before there is one. */
  readonly networkName: string;
  /** A name to offer a newcomer; empty if there is none. */
  readonly suggestedName: string;
}

/** What the page hears of: the engine's changes, another state, or `everything` after a gap: query all anew. */
export type AppChange = Change | { readonly kind: 'status' } | { readonly kind: 'everything' };

/** The client package's way into one profile folder. Every call may throw an EngineError. */
export interface ProfileDoor {
  /** The network that the profile belongs to, `null` until one was chosen. */
  network(): AnyNetworkFile | null;
  /** Chooses it, kept over restarts. With an account, it has to be the same network in a newer version of its file. */
  setNetwork(network: AnyNetworkFile): Promise<void>;
  /** `missing`: nothing there; `locked`: a passphrase is needed; `ready`: nothing stands before it. */
  state(): Promise<'missing' | 'locked' | 'ready'>;
  /** Here and below: with a `proxy` even the first connection goes through it; `null` for none. */
  create(name: string, proxy: ProxySetting | null): Promise<Engine>;
  /** `name` may be empty: then the account has none on this device until it is set. */
  restore(phrase: string, name: string, proxy: ProxySetting | null): Promise<Engine>;
  /** Makes the profile of a backup that is sealed with `passphrase`; with `null` its own proxy holds, if it has one. */
  restoreBackup(backup: AsyncIterable<Uint8Array>, passphrase: string, proxy: ProxySetting | null): Promise<Engine>;
  open(passphrase: string | null): Promise<Engine>;
  /** Sets, changes or (with `next` null) removes the passphrase of a profile. `current` is null if there is none. */
  setPassphrase(engine: Engine, current: string | null, next: string | null): Promise<void>;
}

/** One profile's life in this process: from welcome or passphrase to a running engine. */
export class Messenger {
  readonly #door: ProfileDoor;
  readonly #suggestedName: string;
  readonly #feed = new Feed<AppChange>({ kind: 'everything' });
  #state: AppState;
  #hasPassphrase: boolean;
  #engine: Engine | null = null;
  #pump: Promise<void> = Promise.resolve();
  /** Commands that change the state run one after the other. */
  #turn: Promise<unknown> = Promise.resolve();
  #closed = false;

  private constructor(door: ProfileDoor, suggestedName: string) {
    this.#door = door;
    this.#suggestedName = suggestedName;
    this.#state = 'no-network';
    this.#hasPassphrase = false;
  }

  /**
   * Looks into the profile and opens it if no passphrase is needed.
   * @throws EngineError of opening: `profile-in-use`, `profile-damaged`, `bad-network` …
   */
  static async start(door: ProfileDoor, suggestedName: string): Promise<Messenger> {
    const messenger = new Messenger(door, suggestedName);
    if (door.network() !== null) await messenger.#enter();
    return messenger;
  }

  status(): AppStatus {
    return {
      state: this.#state,
      hasPassphrase: this.#hasPassphrase,
      networkName: this.#door.network()?.name ?? '',
      suggestedName: this.#suggestedName,
    };
  }

  /** The network of the profile. @throws EngineError `bad-network` before there is one. */
  network(): AnyNetworkFile {
    const network = this.#door.network();
    if (network === null) throw new EngineError('bad-network', 'no network was chosen yet');
    return network;
  }

  /** @throws EngineError `locked` or `profile-missing` if no engine runs. */
  engine(): Engine {
    if (this.#engine !== null) return this.#engine;
    if (this.#closed) throw new EngineError('closed', 'the host is closing');
    throw this.#state === 'locked'
      ? new EngineError('locked', 'the profile needs its passphrase')
      : new EngineError('profile-missing', 'there is no account yet');
  }

  /**
   * Chooses the network. Once there is an account, only a newer file of the same network is taken; the engine starts
   * anew with it, and a profile with a passphrase is locked then. @throws EngineError `bad-network`, `disk-full`
   */
  join(network: AnyNetworkFile): Promise<void> {
    return this.#inTurn(async () => {
      const known = this.#door.network();
      const isSame = known !== null && equalBytes(networkId(known), networkId(network));
      const hasAccount = this.#state === 'locked' || this.#state === 'ready';
      if (hasAccount && !isSame) throw new EngineError('bad-network', 'the account belongs to another network');
      await this.#door.setNetwork(network);
      await this.#stopEngine();
      await this.#enter();
      this.#feed.publish({ kind: 'status' });
    });
  }

  /** @throws EngineError `bad-name`, `bad-setting` (the proxy), `profile-exists` */
  create(name: string, proxy: ProxySetting | null): Promise<void> {
    return this.#inTurn(async () => {
      this.#mustAwaitAccount();
      this.#run(await this.#door.create(name, proxy));
    });
  }

  /** @throws EngineError `bad-phrase`, `bad-name`, `bad-setting` (the proxy), `profile-exists` */
  restore(phrase: string, name: string, proxy: ProxySetting | null): Promise<void> {
    return this.#inTurn(async () => {
      this.#mustAwaitAccount();
      this.#run(await this.#door.restore(phrase, name, proxy));
    });
  }

  /**
   * @throws EngineError `bad-backup`, `wrong-passphrase`, `bad-network`, `bad-setting` (the proxy), `profile-exists`,
   * `disk-full`
   */
  restoreBackup(backup: AsyncIterable<Uint8Array>, passphrase: string, proxy: ProxySetting | null): Promise<void> {
    return this.#inTurn(async () => {
      this.#mustAwaitAccount();
      this.#run(await this.#door.restoreBackup(backup, passphrase, proxy));
    });
  }

  /** Opens a locked profile; does nothing if another window did it before. @throws EngineError `wrong-passphrase` */
  unlock(passphrase: string): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#state === 'ready') return;
      if (this.#state !== 'locked') throw new EngineError('profile-missing', 'there is no account yet');
      this.#run(await this.#door.open(passphrase));
    });
  }

  /**
   * Sets, changes or (with `next` null) removes the passphrase.
   * @throws EngineError `wrong-passphrase` if `current` does not fit
   */
  setPassphrase(current: string | null, next: string | null): Promise<void> {
    return this.#inTurn(async () => {
      await this.#door.setPassphrase(this.engine(), current, next);
      this.#hasPassphrase = next !== null;
      this.#feed.publish({ kind: 'status' });
    });
  }

  /** Tells every window that settings or account changed here, whatever the engine itself reports. */
  announceAccount(): void {
    this.#feed.publish({ kind: 'account' });
  }

  /** Changes from now on, until the signal aborts or the messenger closes. */
  changes(signal: AbortSignal): AsyncIterable<AppChange> {
    return this.#feed.subscribe(signal);
  }

  /** Stops the engine; resolves when nothing runs any more. */
  async close(): Promise<void> {
    await this.#turn.catch(() => {});
    this.#closed = true;
    await this.#stopEngine();
    this.#feed.close();
  }

  /** Looks into the profile, whose network is known, and opens it if nothing stands before it. */
  async #enter(): Promise<void> {
    const found = await this.#door.state();
    this.#hasPassphrase = found === 'locked';
    if (found === 'ready') return this.#run(await this.#door.open(null));
    this.#state = found === 'locked' ? 'locked' : 'welcome';
  }

  async #stopEngine(): Promise<void> {
    const engine = this.#engine;
    this.#engine = null;
    await engine?.close();
    await this.#pump;
  }

  #run(engine: Engine): void {
    this.#engine = engine;
    this.#state = 'ready';
    this.#pump = this.#relay(engine);
    this.#feed.publish({ kind: 'status' });
  }

  async #relay(engine: Engine): Promise<void> {
    for await (const change of engine.changes()) this.#feed.publish(change);
  }

  #mustAwaitAccount(): void {
    if (this.#state === 'no-network') throw new EngineError('bad-network', 'no network was chosen yet');
    if (this.#state !== 'welcome') throw new EngineError('profile-exists', 'there is an account already');
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(() => {
      if (this.#closed) throw new EngineError('closed', 'the host is closing');
      return work();
    });
    this.#turn = done.catch(() => {});
    return done;
  }
}
