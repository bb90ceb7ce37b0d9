/**
 * What shared state costs the engine of an account with 5,000 contacts: coming back from the recovery phrase once the data
 * is there, taking over a change of another device, and telling one of this device. All with the encrypted database on
 * disk. Run: node bench/client/restore.ts [contacts]
 */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deriveAccount } from '@sotto/wire/account';
import { putEdits } from '../../packages/client/src/account/shared-state/put-edits.ts';
import { recordEdits } from '../../packages/client/src/account/shared-state/recorder.ts';
import { SharedConfigs } from '../../packages/client/src/account/shared-state/shared-configs.ts';
import { SharedNamespace } from '../../packages/client/src/account/shared-state/shared-namespace.ts';
import { ChangeFeed } from '../../packages/client/src/conversation/change-feed.ts';
import type { StoredMessage } from '../../packages/client/src/conversation/mailbox-namespace.ts';
import { Touched } from '../../packages/client/src/conversation/touched.ts';
import { AccountTable } from '../../packages/client/src/store/account-table.ts';
import { Database } from '../../packages/client/src/store/database.ts';
import { ProfileStore } from '../../packages/client/src/store/profile-store.ts';
import { silentLogger } from '../../packages/client/src/surroundings.ts';

const CONTACTS = Number(process.argv[2] ?? 5000);
const CHANGES = 15;
const NOW = Date.UTC(2026, 6, 1);
const NAMESPACES = [2, 4, 3, 5];

const account = deriveAccount(Buffer.alloc(16, 1));
const folder = mkdtempSync(join(tmpdir(), 'sotto-bench-'));
const hash = (text: string) => createHash('sha256').update(text).digest();
const idOf = (index: number) => `05${hash(`contact ${index}`).toString('hex')}`;

/** A device of the account: its database, its configs, and how it takes what comes. */
function device(name: string) {
  const database = Database.open(join(folder, name), new Uint8Array(32).fill(5), 'create');
  new AccountTable(database).create({ seed16: account.seed16, name, nameChangedAt: NOW, createdAt: NOW });
  const store = new ProfileStore(database, account.accountId);
  const configs = new SharedConfigs(store, account);
  const parts = { store, configs, ownId: account.accountId, log: silentLogger };
  recordEdits(store, () => {});
  const shared = { ...parts, feed: new ChangeFeed(), onMerged: () => {}, onWork: () => {} };
  const namespaces = NAMESPACES.map((namespace) => new SharedNamespace(namespace, shared));
  const take = (messages: ReadonlyMap<number, readonly StoredMessage[]>) => {
    for (const each of namespaces) each.take(messages.get(each.namespace) ?? [], NOW);
  };
  return { database, store, configs, parts, take };
}

type Device = ReturnType<typeof device>;
let hashes = 0;

/** What the pusher does around the request: makes the messages, and records that they were stored. */
function push({ configs, parts }: Device): Map<number, StoredMessage[]> {
  const messages = new Map<number, StoredMessage[]>();
  configs.change(() => {
    putEdits(parts, new Touched(), NOW);
    for (const [namespace, config] of configs.all) {
      if (!config.needsPush) continue;
      const stored = config.push(NOW).messages.map((data) => ({
        hash: `hash ${hashes++}`,
        data,
        timestamp: NOW,
        expiresAt: NOW + 1,
      }));
      messages.set(namespace, stored);
    }
  });
  configs.change(() => {
    for (const [namespace, stored] of messages) {
      const config = configs.get(namespace);
      config.confirm(
        config.seqno,
        stored.map((message) => message.hash),
      );
    }
  });
  return messages;
}

/** CPU and elapsed time of `work`, ms. */
function measure(work: () => void): { readonly cpu: number; readonly elapsed: number } {
  const cpu = process.cpuUsage();
  const start = performance.now();
  work();
  const { user, system } = process.cpuUsage(cpu);
  return { cpu: (user + system) / 1000, elapsed: performance.now() - start };
}

function report(what: string, times: readonly ReturnType<typeof measure>[]): void {
  const median = (of: 'cpu' | 'elapsed') => times.map((time) => time[of]).sort((a, b) => a - b)[times.length >> 1]!;
  console.log(`${what}: ${median('cpu').toFixed(1)} ms of CPU, ${median('elapsed').toFixed(1)} ms`);
}

try {
  const old = device('old');
  old.store.transaction(() => {
    for (let index = 0; index < CONTACTS; index++) {
      old.store.conversations.ensure(idOf(index), NOW - index);
      old.store.conversations.update(idOf(index), {
        profileName: `Person ${index}`,
        profileAt: NOW - 1000 * index,
        approved: true,
        approvedUs: true,
        lastReadAt: NOW - 60_000 * (index % 10_000),
        ...(index % 2 === 0 && {
          pictureUrl: `http://filev2.getsession.org/file/${1_000_000 + index}`,
          pictureKey: hash(`key ${index}`),
        }),
      });
    }
  });
  const everything = push(old);
  const bytes = [...everything.values()].flat().reduce((sum, { data }) => sum + data.length, 0);
  console.log(`${CONTACTS} contacts: ${bytes.toLocaleString('en')} bytes in the mailbox`);
  const fresh = device('fresh');
  report('restored', [measure(() => fresh.take(everything))]);
  if (fresh.store.conversationView.contacts().length !== CONTACTS) throw new Error('not everybody came back');
  const told: ReturnType<typeof measure>[] = [];
  const heard: ReturnType<typeof measure>[] = [];
  for (let round = 0; round < CHANGES; round++) {
    const messages = new Map<number, readonly StoredMessage[]>();
    const nickname = `Nick ${round}`;
    old.store.conversations.update(idOf(round), { nickname });
    told.push(
      measure(() => {
        for (const [namespace, stored] of push(old)) messages.set(namespace, stored);
      }),
    );
    heard.push(measure(() => fresh.take(messages)));
    if (fresh.store.conversations.state(idOf(round))?.nickname !== nickname) throw new Error('a change was not heard');
  }
  report('a change here, made ready to be stored and recorded as stored', told);
  report('a change of another device', heard);
  old.database.close();
  fresh.database.close();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
