import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { connect } from 'node:tls';
import { deriveAccount } from '@sotto/wire/account';
import { bytesToHex } from '@sotto/wire/bytes';
import { accountSigner, buildRetrieve, buildStore } from '@sotto/wire/rpc';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createNodeKeys } from './keys/node-keys.ts';
import { TestNetwork } from './testing/test-network.ts';

let folder: string;
let network: TestNetwork;
const children: ChildProcess[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sotto-process-'));
  network = await TestNetwork.start(0);
  writeFileSync(join(folder, 'network.sotto'), JSON.stringify(network.file));
});

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await network.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Ended {
  readonly code: number | null;
  readonly stderr: string;
}

class NodeProcess {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  readonly lines: AsyncIterator<string>;

  constructor(options: unknown) {
    this.child = spawn(process.execPath, [join(import.meta.dirname, 'process.ts')], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    children.push(this.child);
    let stderr = '';
    this.child.stderr!.on('data', (part) => {
      stderr += part;
    });
    this.lines = createInterface({ input: this.child.stdout! })[Symbol.asyncIterator]();
    this.ended = new Promise((resolve) => this.child.once('close', (code) => resolve({ code, stderr })));
    this.child.stdin!.on('error', () => {});
    this.child.stdin!.write(typeof options === 'string' ? options : `${JSON.stringify(options)}\n`);
  }

  async ready(): Promise<{ httpsPort: number; omqPort: number; ed25519: string; swarm: string | null }> {
    for (;;) {
      const line = JSON.parse((await this.lines.next()).value ?? '{"event":"ready"}');
      if (line.event === 'ready') return line;
    }
  }
}

function options(changes: object = {}): object {
  const networkFile = join(folder, 'network.sotto');
  return { folder: join(folder, 'node'), networkFile, httpsPort: 0, omqPort: 0, directoryInterval: 20, ...changes };
}

/** Publishes a directory that lists the node of the folder; its ports do not matter to itself. */
async function publish(): Promise<string> {
  const { ed25519 } = createNodeKeys(join(folder, 'node'));
  const address = { ip: '127.0.0.1', httpsPort: 1, omqPort: 1, version: [2, 11, 3] as const };
  await network.publish([{ ed25519Key: ed25519.publicKey, swarmId: 5n, ...address }]);
  return bytesToHex(ed25519.publicKey);
}

test('it says when it is ready, serves, and ends on SIGTERM', async () => {
  const ed25519 = await publish();
  const node = new NodeProcess(options());
  const ready = await node.ready();
  expect(ready).toMatchObject({ event: 'ready', ed25519, swarm: '5', httpsPort: expect.any(Number) });
  const info = await network.send(ready.httpsPort, 'POST', '/storage_rpc/v1', '{"method":"info","params":{}}');
  expect(info.status).toBe(200);
  node.child.kill('SIGTERM');
  expect(await node.ended).toMatchObject({ code: 0 });
});

test('it ends when its parent is gone, also before it is ready', async () => {
  const node = new NodeProcess(options());
  node.child.stdin!.end();
  expect(await node.ended).toMatchObject({ code: 0 });
});

test('without its parent it ends at once, also if a client keeps it busy', async () => {
  await publish();
  const node = new NodeProcess(options());
  const { httpsPort } = await node.ready();
  const client = connect({ host: '127.0.0.1', port: httpsPort, rejectUnauthorized: false });
  client.on('error', () => {});
  await once(client, 'secureConnect');
  // A request that never ends: properly, it is waited for.
  client.write('POST /storage_rpc/v1 HTTP/1.1\r\nHost: node\r\nContent-Length: 1000\r\n\r\n{');
  const begun = performance.now();
  node.child.stdin!.end();
  expect(await node.ended).toMatchObject({ code: 0 });
  expect(performance.now() - begun).toBeLessThan(4000);
  client.destroy();
});

test('it ends properly when nobody reads what it says any more', async () => {
  await publish();
  const node = new NodeProcess(options());
  node.child.stdout!.destroy();
  const { code, stderr } = await node.ended;
  expect(code).toBe(0);
  expect(stderr).toContain('The node has stopped.');
});

test('while it waits for oxend it ends when its parent is gone', async () => {
  const { networkFile: _, directoryInterval: __, ...rest } = options() as Record<string, unknown>;
  const behindOxend = { ...rest, oxend: { address: `ipc://${folder}/nobody.sock` }, logLevel: 'silent' };
  const orphan = new NodeProcess(behindOxend);
  orphan.child.stdin!.end();
  expect(await orphan.ended).toEqual({ code: 0, stderr: '' });
});

test('what it acknowledged survives SIGKILL', async () => {
  await publish();
  const node = new NodeProcess(options());
  const { httpsPort } = await node.ready();
  const account = deriveAccount(randomBytes(16));
  const rpc = (port: number, request: object) => network.send(port, 'POST', '/storage_rpc/v1', JSON.stringify(request));
  const stores = Array.from({ length: 20 }, (_, index) =>
    rpc(
      httpsPort,
      buildStore({
        accountId: account.accountId,
        data: Buffer.from(`message ${index}`),
        timestamp: Date.now(),
        ttl: 600_000,
      }),
    ),
  );
  const acknowledged = (await Promise.all(stores)).map((answer) => answer.json().hash);
  node.child.kill('SIGKILL');
  await node.ended;
  const again = new NodeProcess(options());
  const retrieve = buildRetrieve(accountSigner(account.accountId, account.ed25519), { timestamp: Date.now() });
  const { messages } = (await rpc((await again.ready()).httpsPort, retrieve)).json() as {
    messages: { hash: string }[];
  };
  expect(messages.map(({ hash }) => hash).sort()).toEqual(acknowledged.sort());
});

test('asked to end, it lets readers go that wait, answers what runs, and keeps what it acknowledged', async () => {
  await publish();
  const node = new NodeProcess(options({ rateLimit: false }));
  const { httpsPort } = await node.ready();
  const account = deriveAccount(randomBytes(16));
  const signer = accountSigner(account.accountId, account.ed25519);
  const rpc = (port: number, request: object) => network.send(port, 'POST', '/storage_rpc/v1', JSON.stringify(request));
  const waiting = buildRetrieve(signer, { timestamp: Date.now(), namespace: 2 });
  const reader = rpc(httpsPort, { ...waiting, params: { ...waiting.params, wait: 25_000 } });
  const stores = Array.from({ length: 40 }, async (_, index) => {
    const data = Buffer.from(`message ${index}`);
    const request = buildStore({ accountId: account.accountId, data, timestamp: Date.now(), ttl: 600_000 });
    const answer = await rpc(httpsPort, request).catch(() => null);
    return answer?.status === 200 ? answer.json().hash : null;
  });
  await Promise.race(stores);
  node.child.kill('SIGTERM');
  expect((await reader).json().messages).toEqual([]);
  const acknowledged = (await Promise.all(stores)).filter((hash) => hash !== null);
  expect(acknowledged.length).toBeGreaterThan(0);
  expect(await node.ended).toMatchObject({ code: 0 });
  const again = new NodeProcess(options());
  const retrieve = buildRetrieve(signer, { timestamp: Date.now() });
  const { messages } = (await rpc((await again.ready()).httpsPort, retrieve)).json() as {
    messages: { hash: string }[];
  };
  expect(messages.map(({ hash }) => hash)).toEqual(expect.arrayContaining(acknowledged));
});

test('what keeps it from starting is one sentence and code 1', async () => {
  const ended = await new NodeProcess(options({ httpsPort: 70_000 })).ended;
  expect(ended.code).toBe(1);
  expect(ended.stderr).toBe("The node's options are wrong: httpsPort must be a port number from 0 to 65535.\n");
});
