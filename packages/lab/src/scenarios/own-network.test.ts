import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createProfile, type Engine } from '@sotto/client';
import {
  createAuthorityKey,
  createInvite,
  DirectoryStore,
  httpsFetcher,
  inviteText,
  type NetworkFile,
  networkId,
  refreshDirectory,
  serializeNetworkFile,
} from '@sotto/directory';
import { bytesToHex } from '@sotto/wire/bytes';
import type { KeyPair } from '@sotto/wire/crypto';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Child, startChild } from '../child.ts';
import { pickFreePorts } from '../ports.ts';

const HOST = '127.0.0.1';
const ROUND = 2000;
const PATIENCE = { timeout: 60_000, interval: 200 };
const polling = { idleMs: 500, activeMs: 200 };
const never = new AbortController().signal;
const programs = createRequire(import.meta.url);
const programOf = (name: string) => join(dirname(programs.resolve(name)), 'process.ts');

let folder: string;
let file: NetworkFile;
let networkFile: string;
let keys: KeyPair[];
let ports: number[];
let nodePorts: number[];
const authorities: Child[] = [];
const nodes: Child[] = [];
const engines: Engine[] = [];

const authorityFolder = (index: number) => join(folder, `authority-${index}`);
const startAuthority = (index: number) =>
  startChild(
    {
      program: programOf('@sotto/authority'),
      input: { folder: authorityFolder(index), networkFile, host: HOST, port: ports[index], roundLength: ROUND },
      logPath: join(authorityFolder(index), 'log'),
      startTimeout: 30_000,
      compileCache: join(folder, 'cache'),
    },
    never,
  );

/** The process says that it is ready once it knows the network's directory. */
const startNode = (index: number, invite: string) =>
  startChild(
    {
      program: programOf('@sotto/node'),
      input: {
        folder: join(folder, `node-${index}`),
        networkFile,
        host: HOST,
        httpsPort: nodePorts[2 * index],
        omqPort: nodePorts[2 * index + 1],
        directoryInterval: 500,
        join: { address: HOST, invite, interval: 2000 },
        logLevel: 'info',
      },
      logPath: join(folder, `node-${index}`, 'log'),
      startTimeout: 60_000,
      compileCache: join(folder, 'cache'),
    },
    never,
  );

const invite = (author: number) =>
  inviteText(
    createInvite(networkId(file), keys[author]!, Date.now() + 3_600_000, (size) =>
      crypto.getRandomValues(new Uint8Array(size)),
    ),
  );

/** What a newcomer gets from the party at this port. */
async function directoryAt(port: number) {
  const store = await DirectoryStore.open({ networkFile: file });
  await refreshDirectory(store, [httpsFetcher(`https://${HOST}:${port}`)], never);
  return store.accepted()!;
}

async function stop(child: Child, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  child.kill(signal);
  await child.ended;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sotto-own-network-'));
  ports = await pickFreePorts(HOST, 3);
  nodePorts = await pickFreePorts(HOST, 16, Math.max(...ports) + 1);
  keys = [];
  for (let index = 0; index < 3; index++) {
    mkdirSync(authorityFolder(index), { mode: 0o700 });
    keys.push(await createAuthorityKey(authorityFolder(index)));
  }
  file = {
    sotto: 1,
    name: 'Three offices',
    created: Date.now(),
    authorities: keys.map(({ publicKey }, index) => ({
      key: bytesToHex(publicKey),
      urls: [`https://${HOST}:${ports[index]}`],
    })),
    threshold: 2,
    // Of two nodes: whoever comes when all authorities are away finds the network there.
    seeds: [`https://${HOST}:${nodePorts[0]}`, `https://${HOST}:${nodePorts[2]}`],
    parameters: { swarmMin: 3, swarmIdeal: 3, swarmMargin: 0, relays: 3, join: 'invite', oneSite: true },
    communities: [],
  };
  networkFile = join(folder, 'three-offices.sotto');
  writeFileSync(networkFile, serializeNetworkFile(file));
  authorities.push(...(await Promise.all([0, 1, 2].map(startAuthority))));
});

afterAll(async () => {
  await Promise.all(engines.map((engine) => engine.close()));
  await Promise.all([...nodes, ...authorities].map((child) => stop(child)));
  rmSync(folder, { recursive: true, force: true });
});

test('nodes join with invites of any authority, and are listed once most authorities reach them', async () => {
  for (let index = 0; index < 6; index += 2) {
    nodes.push(...(await Promise.all([0, 1].map((each) => startNode(index + each, invite((index + each) % 3))))));
  }
  await vi.waitFor(async () => {
    for (const port of ports) expect((await directoryAt(port)).nodes).toHaveLength(6);
  }, PATIENCE);
  const { signers, nodes: listed } = await directoryAt(ports[0]!);
  expect(signers.length).toBeGreaterThanOrEqual(2);
  expect(listed.map(({ httpsPort }) => httpsPort).sort()).toEqual(
    Array.from({ length: 6 }, (_, index) => nodePorts[2 * index]!).sort(),
  );
});

test('an invite that another node has used lets nobody in', async () => {
  const code = invite(0);
  nodes.push(await startNode(6, code));
  await vi.waitFor(async () => expect((await directoryAt(ports[1]!)).nodes).toHaveLength(7), PATIENCE);
  nodes.push(await startNode(7, code));
  const { epoch } = await directoryAt(ports[1]!);
  await vi.waitFor(async () => expect((await directoryAt(ports[1]!)).epoch).toBeGreaterThan(epoch + 2), PATIENCE);
  const { nodes: listed } = await directoryAt(ports[1]!);
  expect(listed.map(({ httpsPort }) => httpsPort)).not.toContain(nodePorts[14]);
});

test('when one authority dies the others go on, and drop a node that is gone', async () => {
  await stop(authorities.pop()!, 'SIGKILL');
  await stop(nodes.splice(6, 1)[0]!, 'SIGKILL');
  await vi.waitFor(async () => {
    const { nodes: listed, signers } = await directoryAt(ports[0]!);
    expect([listed.length, signers.length]).toEqual([6, 2]);
  }, PATIENCE);
  authorities.push(await startAuthority(2));
  await vi.waitFor(async () => expect((await directoryAt(ports[2]!)).signers).toHaveLength(3), PATIENCE);
});

test('with every authority off, newcomers join at a mirror and write to each other', async () => {
  await Promise.all(authorities.splice(0).map((child) => stop(child)));
  const profile = (name: string) => createProfile({ folder: join(folder, name), network: file, name, polling });
  const ada = await profile('Ada');
  engines.push(ada);
  const ben = await profile('Ben');
  engines.push(ben);
  await vi.waitFor(() => expect(ada.route().relays.length).toBeGreaterThan(0), PATIENCE);
  const { accountId } = ben.account();
  ada.openConversation(accountId);
  ada.send(accountId, 'Are you there?');
  await vi.waitFor(() => {
    const texts = ben.messages(ada.account().accountId, { limit: 10 }).messages.map(({ body }) => body);
    expect(texts).toEqual(['Are you there?']);
  }, PATIENCE);
});
