import { buffer } from 'node:stream/consumers';
import { EngineError, type ProxySetting } from '@sotto/client';
import type { NetworkFile } from '@sotto/directory';
import type { ProfileDoor } from '../host/messenger.ts';
import { FakeEngine, PHRASE } from './fake-engine.ts';
import { SAMPLE_NETWORK } from './fake-network.ts';

/** A way into a profile that exists only in memory. */
export class FakeDoor implements ProfileDoor {
  /** The engine that runs now. */
  engine: FakeEngine | null = null;
  #exists: boolean;
  #passphrase: string | null;
  #network: NetworkFile | null;

  constructor({
    exists = false,
    passphrase = null,
    network = SAMPLE_NETWORK,
  }: { exists?: boolean; passphrase?: string | null; network?: NetworkFile | null } = {}) {
    this.#exists = exists;
    this.#passphrase = passphrase;
    this.#network = network;
  }

  network(): NetworkFile | null {
    return this.#network;
  }

  async setNetwork(network: NetworkFile) {
    this.#network = network;
  }

  async state(): Promise<'missing' | 'locked' | 'ready'> {
    return !this.#exists ? 'missing' : this.#passphrase === null ? 'ready' : 'locked';
  }

  async create(name: string, proxy: ProxySetting | null) {
    if (name === '') throw new EngineError('bad-name', 'empty');
    this.#exists = true;
    return this.#run(name, proxy);
  }

  async restore(phrase: string, name: string, proxy: ProxySetting | null) {
    if (phrase.trim() !== PHRASE) throw new EngineError('bad-phrase', 'not the phrase');
    this.#exists = true;
    return this.#run(name, proxy);
  }

  async restoreBackup(backup: AsyncIterable<Uint8Array>, passphrase: string, proxy: ProxySetting | null) {
    const text = (await buffer(backup)).toString();
    if (!text.startsWith('SOTTOBAK sealed with ')) throw new EngineError('bad-backup', 'no backup');
    if (text !== `SOTTOBAK sealed with ${passphrase}`) throw new EngineError('wrong-passphrase', 'wrong');
    this.#exists = true;
    return this.#run('Noor', proxy);
  }

  async open(passphrase: string | null) {
    if (passphrase !== this.#passphrase) throw new EngineError('wrong-passphrase', 'wrong');
    return this.#run('Noor');
  }

  async setPassphrase(_engine: unknown, current: string | null, next: string | null) {
    if (current !== this.#passphrase) throw new EngineError('wrong-passphrase', 'wrong');
    this.#passphrase = next;
  }

  #run(name: string, proxy: ProxySetting | null = null): FakeEngine {
    this.engine = new FakeEngine(name);
    if (proxy !== null) this.engine.setSettings({ proxy });
    return this.engine;
  }
}
