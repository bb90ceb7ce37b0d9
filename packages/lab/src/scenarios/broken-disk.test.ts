import { execFileSync, spawnSync } from 'node:child_process';
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildRetrieve, buildStore } from '@sotto/wire/rpc';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type LabNetwork, nodeProgram, startNetwork } from '../start-network.ts';
import { Mailboxes, type Owner } from '../testing/mailboxes.ts';

const PATIENCE = { timeout: 20_000, interval: 50 };
const DISK_BYTES = 3 * 1024 * 1024;
const LARGE = 50_000;
const PAGE = 4096;

let folder: string;
let network: LabNetwork | undefined;
let mailboxes: Mailboxes;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sotto-disk-'));
});

afterEach(async () => {
  mailboxes?.close();
  await network?.close();
  network = undefined;
  if (isMounted()) execFileSync('umount', [nodeFolder()]);
  rmSync(folder, { recursive: true, force: true });
});

const nodeFolder = () => join(folder, 'nodes/01');
const isMounted = () => process.platform === 'linux' && readFileSync('/proc/mounts', 'utf8').includes(nodeFolder());
const node = () => network!.nodes[0]!;
const log = () => readFileSync(join(nodeFolder(), 'node.log'), 'utf8');
const linesWith = (text: string) =>
  log()
    .split('\n')
    .filter((line) => line.includes(text));

/** Whether a small disk can be made here; only root may mount one. */
const canMount = process.platform === 'linux' && process.getuid?.() === 0 && triesToMount();

function triesToMount(): boolean {
  const place = mkdtempSync(join(tmpdir(), 'sotto-mount-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', place], { stdio: 'ignore' });
    execFileSync('umount', [place]);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

async function start(nodeOptions: Readonly<Record<string, unknown>> = {}): Promise<void> {
  network = await startNetwork({
    folder,
    nodes: 1,
    parameters: { swarmMin: 1, swarmIdeal: 1 },
    nodeOptions: { rateLimit: false, ...nodeOptions },
  });
  mailboxes = new Mailboxes(network);
}

/** Stores one message that fills `bytes`; gives the status. */
async function store(owner: Owner, bytes = LARGE): Promise<{ status: number; result: Record<string, unknown> }> {
  const data = Buffer.alloc(bytes);
  crypto.getRandomValues(data);
  const answer = await mailboxes.ask(
    node(),
    buildStore({ accountId: owner.id, data, timestamp: Date.now(), ttl: 86_400_000 }),
  );
  const { swarm } = answer.body as { swarm?: Record<string, Record<string, unknown>> };
  return { status: answer.status, result: Object.values(swarm ?? {})[0] ?? {} };
}

async function kept(owner: Owner): Promise<number> {
  const { status, body } = await mailboxes.ask(
    node(),
    buildRetrieve(owner.signer, { timestamp: Date.now(), maxSize: -1 }),
  );
  return status === 200 ? (body as { messages: unknown[] }).messages.length : -status;
}

/** Stores until a message is refused; gives how many were taken before. */
async function fill(owner: Owner): Promise<number> {
  for (let taken = 0; taken < 1000; taken++) {
    const { status, result } = await store(owner);
    if (status === 200) continue;
    expect(status).toBe(500);
    expect(result).toMatchObject({ failed: true, query_failure: true });
    return taken;
  }
  throw new Error('it never was full');
}

test.skipIf(!canMount)(
  'a node whose disk is full refuses, serves what it has, and takes messages again once there is room',
  async () => {
    mkdirSync(nodeFolder(), { recursive: true });
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_BYTES}`, 'tmpfs', nodeFolder()]);
    const ballast = join(nodeFolder(), 'ballast');
    await start();
    const owner = mailboxes.owner();
    expect((await store(owner)).status).toBe(200);
    const { pid } = node();
    try {
      writeFileSync(ballast, Buffer.alloc(2 * DISK_BYTES));
    } catch (error) {
      expect(error).toMatchObject({ code: 'ENOSPC' });
    }
    const taken = 1 + (await fill(owner));
    for (let again = 0; again < 20; again++) expect((await store(owner)).status).toBe(500);
    expect(await kept(owner)).toBe(taken);
    expect(node().pid).toBe(pid);
    rmSync(ballast);
    expect((await store(owner)).status).toBe(200);
    expect(await kept(owner)).toBe(taken + 1);
    // Also the log is on that disk.
    await fill(owner);
    await vi.waitFor(() => expect(node().pid).toBe(pid));
    await node().restart();
    expect(await kept(owner)).toBeGreaterThan(taken);
  },
);

test('a node whose store has reached its limit refuses, in one line of the log, and goes on', async () => {
  await start({ maxStoreBytes: 1024 * 1024 });
  const owner = mailboxes.owner();
  const { pid } = node();
  const taken = await fill(owner);
  expect(taken).toBeGreaterThan(5);
  for (let again = 0; again < 20; again++) expect((await store(owner)).status).toBe(500);
  expect(await kept(owner)).toBe(taken);
  expect(linesWith('the message database is full')).toHaveLength(1);
  // A limit that is lower than what is there already.
  await node().restart();
  expect(await kept(owner)).toBe(taken);
  expect(node().pid).not.toBe(pid);
});

test.skipIf(!canMount)('a node on a disk that can only be read says so in one sentence and stays away', async () => {
  mkdirSync(nodeFolder(), { recursive: true });
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', nodeFolder()]);
  await start();
  const owner = mailboxes.owner();
  await store(owner);
  await node().kill('SIGTERM');
  execFileSync('mount', ['-o', 'remount,ro', nodeFolder()]);
  const options = { folder: nodeFolder(), networkFile: network!.networkFilePath, httpsPort: 0, omqPort: 0 };
  const env = { ...process.env, SOTTO_NODE_PROCESS_OPTIONS: JSON.stringify(options) };
  const attempt = spawnSync(process.execPath, [nodeProgram()], { env, encoding: 'utf8' });
  expect(attempt).toMatchObject({ status: 1, stdout: '' });
  expect(attempt.stderr).toMatch(/^The messages in .* cannot be opened: [^\n]*\.\n$/);
  execFileSync('mount', ['-o', 'remount,rw', nodeFolder()]);
  await node().restart();
  expect(await kept(owner)).toBe(1);
});

test('a node with a damaged database runs, says so, and gives out what can be read', async () => {
  await start();
  const owners = Array.from({ length: 40 }, () => mailboxes.owner());
  for (const owner of owners) expect((await store(owner, 6000)).status).toBe(200);
  await node().kill('SIGTERM');
  const path = join(nodeFolder(), 'messages.db');
  const pages = statSync(path).size / PAGE;
  // The first pages hold the schema; a database without them is the next case.
  const file = openSync(path, 'r+');
  for (let page = Math.floor(pages / 2); page < pages; page += 7) {
    writeSync(file, crypto.getRandomValues(Buffer.alloc(PAGE)), 0, PAGE, page * PAGE);
  }
  closeSync(file);
  await node().restart();
  const { pid } = node();
  const counts = [];
  for (const owner of owners) counts.push(await kept(owner));
  expect(counts.filter((count) => count === 1).length).toBeGreaterThan(0);
  expect(counts.every((count) => [1, 0, -500].includes(count))).toBe(true);
  for (const owner of owners) expect([200, 500]).toContain((await store(owner, 6000)).status);
  await vi.waitFor(() => expect(linesWith('damaged').length).toBeGreaterThan(0), PATIENCE);
  expect(node().pid).toBe(pid);
});

test('a database that is none any more is one sentence, and the way out of it works', async () => {
  await start();
  const owner = mailboxes.owner();
  expect((await store(owner)).status).toBe(200);
  await node().kill('SIGTERM');
  const path = join(nodeFolder(), 'messages.db');
  writeFileSync(path, crypto.getRandomValues(Buffer.alloc(2 * PAGE)));
  await expect(node().restart()).rejects.toThrow(
    /The messages in .* cannot be opened: the message database file is not a database/,
  );
  // In a swarm the others would give it back what it had.
  rmSync(path);
  await node().restart();
  expect(await kept(owner)).toBe(0);
  expect((await store(owner)).status).toBe(200);
});
