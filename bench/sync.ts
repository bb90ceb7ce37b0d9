/**
 * What it costs two members of a swarm to find out what one of them lacks, and to bring it over: bytes, requests and
 * time, both stores in this process and no sockets between them.
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NodeList, type NodeSource } from '../packages/directory/src/index.ts';
import { createLog } from '../packages/node/src/log.ts';
import type { MessageStore, StoredMessage } from '../packages/node/src/store/message-store.ts';
import { openSqliteStore } from '../packages/node/src/store/sqlite-store.ts';
import { PeerFeatures } from '../packages/node/src/swarm/peer-features.ts';
import { SwarmView } from '../packages/node/src/swarm/swarm-view.ts';
import { Synchroniser } from '../packages/node/src/swarm/synchroniser.ts';
import { deriveNodeKeys, type NodeRecord } from '../packages/wire/src/nodes/index.ts';
import { messageHash } from '../packages/wire/src/rpc/index.ts';
import { EVERYTHING } from '../packages/wire/src/sync/index.ts';

const MESSAGE_BYTES = 1024;
const MESSAGES_AN_ACCOUNT = 10;
const DAY = 86_400_000;

const records = [1, 2].map(
  (number): NodeRecord => ({
    ed25519Key: deriveNodeKeys(new Uint8Array(32).fill(number)).ed25519.publicKey,
    swarmId: 0n,
    ip: '127.0.0.1',
    httpsPort: 1,
    omqPort: 1,
    version: [2, 11, 3],
  }),
);
const source = {
  current: () => list,
  onChange: () => () => {},
  isExpired: () => false,
} as NodeSource;
const list = new NodeList({
  epoch: 1,
  digest: new Uint8Array(32),
  validFrom: 0,
  validUntil: Number.MAX_SAFE_INTEGER,
  parameters: { swarmMin: 1, swarmIdeal: 2, swarmMargin: 0, relays: 3, join: 'listed', oneSite: true },
  nodes: records.toSorted((a, b) => Buffer.compare(a.ed25519Key, b.ed25519Key)),
});

function messages(count: number): StoredMessage[] {
  let account = new Uint8Array();
  return Array.from({ length: count }, (_, index) => {
    if (index % MESSAGES_AN_ACCOUNT === 0) account = Uint8Array.of(5, ...randomBytes(32));
    const data = randomBytes(MESSAGE_BYTES);
    const hash = messageHash(account, 0, data);
    return { hash, account, namespace: 0, timestamp: Date.now(), expiry: Date.now() + DAY, data };
  });
}

async function measure(what: string, total: number, missing: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'sotto-bench-sync-'));
  const stores = [0, 1].map((each) =>
    openSqliteStore({ path: join(folder, `${each}.db`), durability: 'process-kill' }),
  );
  const [full, lacking] = stores as [MessageStore, MessageStore];
  const all = messages(total);
  const few = new Set(missing === 0 ? [] : all.filter((_, index) => index % (total / missing) === 0));
  await full.storeAll(all, () => false);
  await lacking.storeAll(
    all.filter((each) => !few.has(each)),
    () => false,
  );
  const owner = new AbortController();
  let sent = 0;
  let received = 0;
  let requests = 0;
  const synchronisers: Synchroniser[] = [];
  let isCounting = false;
  for (const [index, store] of stores.entries()) {
    const link = {
      async request(_to: NodeRecord, command: string, parts: readonly Uint8Array[]) {
        if (command === 'storage.info') return [Buffer.from('{"features":["sync"]}')];
        const what = command.slice('sn.sync_'.length) as 'ranges';
        if (!isCounting && index === 1) return null;
        const reply = await synchronisers[1 - index]!.answer(what, records[index]!, parts);
        if (index === 1) {
          requests++;
          sent += parts.reduce((sum, part) => sum + part.length, 0);
          received += reply.reduce((sum, part) => sum + part.length, 0);
        }
        return reply;
      },
    };
    synchronisers.push(
      new Synchroniser({
        store: store.sync,
        source,
        swarms: new SwarmView(source, records[index]!.ed25519Key),
        peers: link,
        features: new PeerFeatures(link, () => 0),
        log: createLog('silent'),
        signal: owner.signal,
        now: Date.now,
        interval: 1e9,
        onReceived: () => {},
      }),
    );
  }
  const loading = performance.now();
  const running = synchronisers.map((each) => each.run());
  while ((await synchronisers[0]!.answer('ranges', records[1]!, [Uint8Array.of(0, 0, 0)])).length < 2) {
    await new Promise(setImmediate);
  }
  const loaded = performance.now() - loading;
  await new Promise((resolve) => setTimeout(resolve, 200));
  isCounting = true;
  const cpu = process.cpuUsage();
  const started = performance.now();
  await synchronisers[1]!.answer('now', records[0]!, []);
  const isEqual = async () => {
    const [ours, theirs] = await Promise.all(stores.map((store) => store.sync.summaries([EVERYTHING])));
    return requests > 0 && Buffer.compare(ours![0]!.fingerprint, theirs![0]!.fingerprint) === 0;
  };
  while (!(await isEqual())) await new Promise((resolve) => setTimeout(resolve, 1));
  const time = performance.now() - started;
  const { user, system } = process.cpuUsage(cpu);
  const kib = (bytes: number) => (bytes < 10_240 ? `${bytes} B` : `${Math.round(bytes / 1024)} KiB`);
  console.log(
    `${what.padEnd(38)} ${String(requests).padStart(5)} requests, sent ${kib(sent)}, received ${kib(received)}, ` +
      `${time.toFixed(1)} ms (CPU of both ${((user + system) / 1000).toFixed(0)} ms; summaries of both made in ${loaded.toFixed(0)} ms)`,
  );
  owner.abort();
  await Promise.all(running);
  await Promise.all(stores.map((store) => store.close()));
  rmSync(folder, { recursive: true });
}

await measure('10,000 messages, equal', 10_000, 0);
await measure('10,000 messages, one missing', 10_000, 1);
await measure('10,000 messages, 1 % (100) missing', 10_000, 100);
await measure('10,000 messages, all missing', 10_000, 10_000);
await measure('100,000 messages, 1 % (1,000) missing', 100_000, 1000);
