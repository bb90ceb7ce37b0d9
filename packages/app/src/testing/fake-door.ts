import { EngineError } from '@sotto/client';
import type { ProfileDoor } from '../host/messenger.ts';
import { FakeEngine, PHRASE } from './fake-engine.ts';

/** A way into a profile that exists only in memory. */
export class FakeDoor implements ProfileDoor {
  /** The engine that runs now. */
  engine: FakeEngine | null = null;
  #exists: boolean;
  #passphrase: string | null;

  constructor({ exists = false, passphrase = null }: { exists?: boolean; passphrase?: string | null } = {}) {
    this.#exists = exists;
    this.#passphrase = passphrase;
  }

  async state(): Promise<'missing' | 'locked' | 'ready'> {
    return !this.#exists ? 'missing' : this.#passphrase === null ? 'ready' : 'locked';
  }

  async create(name: string) {
    if (name === '') throw new EngineError('bad-name', 'empty');
    this.#exists = true;
    return this.#run(name);
  }

  async restore(phrase: string, name: string) {
    if (phrase.trim() !== PHRASE) throw new EngineError('bad-phrase', 'not the phrase');
    return this.create(name);
  }

  async open(passphrase: string | null) {
    if (passphrase !== this.#passphrase) throw new EngineError('wrong-passphrase', 'wrong');
    return this.#run('Noor');
  }

  async setPassphrase(_engine: unknown, current: string | null, next: string | null) {
    if (current !== this.#passphrase) throw new EngineError('wrong-passphrase', 'wrong');
    this.#passphrase = next;
  }

  #run(name: string): FakeEngine {
    this.engine = new FakeEngine(name);
    return this.engine;
  }
}
