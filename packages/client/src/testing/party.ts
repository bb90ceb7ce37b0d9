import { type Account, accountIdToBytes } from '@sotto/wire/account';
import { type ContentInit, encodeContent } from '@sotto/wire/content';
import { openMessage, sealMessage } from '@sotto/wire/message';
import { messageHash } from '@sotto/wire/rpc';
import { expect } from 'vitest';
import { type Habits, sealAs } from './foreign-client.ts';
import { ManualClock } from './manual-clock.ts';
import { accountOf, copyOf, type Device, type DeviceOptions, discard, startDevice } from './person.ts';
import { PostOffice } from './post-office.ts';
import { seededRandom } from './seeded-random.ts';
import { readStrictly, type StrictMessage } from './strict/strict-reader.ts';

export const ALICE = 1;
export const BOB = 2;
export const EVE = 3;
export const alice = accountOf(ALICE).accountId;
export const bob = accountOf(BOB).accountId;
export const eve = accountOf(EVE).accountId;

const PEOPLE = [ALICE, BOB, EVE].map(accountOf);

/** Devices of several people around one post office; a test discards it at its end. */
export class Party {
  readonly clock = new ManualClock(1_790_000_000_000);
  readonly office = new PostOffice(this.clock);
  readonly #devices = new Set<Device>();
  readonly #repeated = new Set<string>();
  /** Hashes of messages that no device wrote. */
  readonly #foreign = new Set<string>();
  #dropped = 0;

  /** Those that run. */
  get devices(): readonly Device[] {
    return [...this.#devices];
  }

  start(person: number, options: Partial<DeviceOptions> = {}): Device {
    const device = startDevice({ clock: this.clock, office: this.office, person, ...options });
    this.#devices.add(device);
    return device;
  }

  /** The device after a crash. */
  async restart(device: Device, person: number, options: Partial<DeviceOptions> = {}): Promise<Device> {
    const from = copyOf(device);
    this.#devices.delete(device);
    await discard(device);
    return this.start(person, { ...options, from });
  }

  /** Alice and Bob have written to each other and accepted each other. */
  async acquainted(): Promise<readonly [Device, Device]> {
    const [a, b] = [this.start(ALICE), this.start(BOB)];
    a.engine.send(bob, 'Hello');
    await this.clock.until(() => b.engine.conversation(alice) !== null);
    b.engine.send(alice, 'Hi');
    await this.clock.until(() => a.engine.conversation(bob)!.unread === 1);
    a.engine.markRead(bob);
    await this.clock.advance(10_000);
    return [a, b];
  }

  /** Lets everything arrive. */
  async settle(): Promise<void> {
    await this.clock.advance(15_000);
  }

  /** All that was ever stored comes once more with other hashes, as if its senders had not heard that it was stored. */
  repeat(): void {
    for (const message of this.office.mailboxes()) {
      if (this.#repeated.has(message.hash)) continue;
      this.#repeated.add(message.hash);
      const recipient = PEOPLE.find(({ accountId }) => accountId === message.accountId)!;
      const opened = openMessage(message.data, recipient);
      if (opened.kind !== 'message') continue;
      const sender = PEOPLE.find(({ accountId }) => accountId === opened.sender)!;
      const { content, timestamp } = opened;
      this.#repeated.add(this.#put(sender, message.accountId, content, timestamp, message.expiry));
    }
  }

  /** Puts a message into a mailbox as a foreign client would. */
  drop(from: number, to: string, content: ContentInit, sentAt = this.clock.now()): string {
    return this.#put(accountOf(from), to, encodeContent(content), sentAt, this.clock.now() + 1_209_600_000);
  }

  /** Puts a message into a mailbox byte for byte as another client writes it. */
  dropBytes(habits: Habits, from: number, to: string, content: Uint8Array, sentAt = this.clock.now()): string {
    const ephemeralSeed = seededRandom(`ephemeral ${this.#dropped++}`)(32);
    const message = { content, timestamp: sentAt, sender: accountOf(from), recipient: to, ephemeralSeed };
    return this.#keep(to, sealAs(habits, message), this.clock.now() + 1_209_600_000);
  }

  #put(sender: Account, to: string, content: Uint8Array, timestamp: number, expiry: number): string {
    const random = seededRandom(`foreign ${this.#dropped++}`);
    return this.#keep(to, sealMessage({ content, timestamp, sender, recipient: to, random }), expiry);
  }

  #keep(to: string, data: Uint8Array, expiry: number): string {
    const hash = messageHash(accountIdToBytes(to), 0, data);
    this.#foreign.add(hash);
    for (const kept of this.office.kept) {
      kept.push({ accountId: to, namespace: 0, hash, data, timestamp: this.clock.now(), expiry });
    }
    return hash;
  }

  /** What the devices wrote and mailboxes still hold, as the strictest client reads it. @throws Error if one breaks a rule */
  written(): StrictMessage[] {
    return this.office
      .mailboxes()
      .filter(({ hash }) => !this.#foreign.has(hash))
      .map(({ accountId, data, timestamp, expiry }) => {
        const recipient = PEOPLE.find((person) => person.accountId === accountId)!;
        return readStrictly(data, recipient, expiry - timestamp);
      });
  }

  /** Ends it; nothing may have gone wrong on the way, and nothing been written that others could not read. */
  async end(): Promise<void> {
    const devices = [...this.#devices];
    this.#devices.clear();
    await Promise.all(devices.map(discard));
    expect(devices.flatMap(({ warnings }) => warnings)).toEqual([]);
    this.written();
  }
}
