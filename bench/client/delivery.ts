/**
 * How long a message takes from `send` until the reader's engine has it, in a network of nine nodes on this machine, and
 * what the nodes need for it: where the reader's nodes tell of new messages, and where they are polled (both people are in
 * a conversation, so their engines look often). Two waits are measured beside it: until a swarm keeps the message, and
 * one round trip.
 *
 * Then the same with links that take 40 ms each way, as between cities; Linux only. A message needs eight of them: four to a
 * node of the reader's swarm, and four for the answer that waits there; nine if it waits at another member.
 *
 *     ./sotto bench delivery
 */
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createProfile, type Engine } from '@sotto/client';
import { type LabNetwork, type NetworkOptions, startNetwork } from '@sotto/lab';
import { slowLinks } from './parts/slow-links.ts';

const MESSAGES = 30;
const LINK_MS = 40;
const LINKS = 8;

const folder = await mkdtemp(join(tmpdir(), 'sotto-bench-'));
let profiles = 0;
try {
  const { nodes } = await run('new messages are told of', {});
  await run('nodes are polled', { nodeOptions: { maxWaiting: 0 } });
  if (process.platform === 'linux') {
    const links = slowLinks(nodes, LINK_MS);
    const { shownMs } = await run(`links of ${LINK_MS} ms each way`, links);
    console.log(`against ${LINKS} such links    ${(shownMs / (LINKS * LINK_MS)).toFixed(2)}`);
    links.close();
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** Starts the network, the same each time, measures, and gives the median until the reader had a message. */
async function run(
  name: string,
  { nodeOptions, log }: Pick<NetworkOptions, 'nodeOptions' | 'log'>,
): Promise<{ readonly nodes: LabNetwork['nodes']; readonly shownMs: number }> {
  const began = performance.now();
  const network = await startNetwork({
    folder: join(folder, 'network'),
    ...(nodeOptions && { nodeOptions }),
    ...(log && { log }),
  });
  console.log(
    `\n${name}: network of ${network.nodes.length} nodes up after ${Math.round(performance.now() - began)} ms`,
  );
  const profile = (name: string) =>
    createProfile({ folder: join(folder, `${name}-${profiles++}`), network: network.networkFile, name });
  try {
    const [ada, ben] = await Promise.all([profile('Ada'), profile('Ben')]);
    try {
      return { nodes: network.nodes, shownMs: await measure(ada, ben, network) };
    } finally {
      await Promise.all([ada.close(), ben.close()]);
    }
  } finally {
    await network.close();
  }
}

async function measure(ada: Engine, ben: Engine, network: LabNetwork): Promise<number> {
  const benId = ben.account().accountId;
  ada.openConversation(benId);
  await deliver(ada, ben, benId, 'first');
  const stored: number[] = [];
  const shown: number[] = [];
  for (let index = 0; index < MESSAGES; index += 1) {
    // Away from any rhythm of the polling.
    await delay(200 + Math.random() * 1000);
    const times = await deliver(ada, ben, benId, `message ${index}`);
    stored.push(times.stored);
    shown.push(times.shown);
  }
  console.log(`send → kept by a swarm     ${describe(stored)}`);
  console.log(`send → with the reader     ${describe(shown)}`);
  console.log(`round trip of a request    median ${ada.route().roundTripMs} ms`);
  const memory = network.nodes.map(({ pid }) => memoryOf(pid!));
  console.log(
    `memory of the nodes        ${sum(memory.map(({ own }) => own))} MiB in all (shared pages counted once: PSS), ${sum(memory.map(({ resident }) => resident))} MiB resident`,
  );
  return medianOf(shown);
}

async function deliver(
  ada: Engine,
  ben: Engine,
  benId: string,
  body: string,
): Promise<{ stored: number; shown: number }> {
  const limit = AbortSignal.timeout(60_000);
  const kept = waitFor(ada, limit, (engine) => engine.messages(benId, { limit: 1 }).messages[0]?.delivery === 'stored');
  const arrived = waitFor(
    ben,
    limit,
    (engine) => engine.messages(ada.account().accountId, { limit: 1 }).messages[0]?.body === body,
  );
  const start = performance.now();
  ada.send(benId, body);
  const [stored, shown] = await Promise.all([kept, arrived]);
  return { stored: stored - start, shown: shown - start };
}

async function waitFor(engine: Engine, limit: AbortSignal, holds: (engine: Engine) => boolean): Promise<number> {
  for await (const _change of engine.changes(limit)) if (holds(engine)) return performance.now();
  throw new Error('it took more than a minute');
}

function medianOf(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[Math.floor((times.length - 1) / 2)]!;
}

function describe(times: readonly number[]): string {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) => Math.round(sorted[Math.floor(share * (sorted.length - 1))]!);
  return `median ${at(0.5)} ms, 90 % ${at(0.9)} ms, longest ${at(1)} ms (${sorted.length} messages)`;
}

/** Linux only; elsewhere zero. MiB. */
function memoryOf(pid: number): { own: number; resident: number } {
  try {
    const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
    const read = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? 0) / 1024;
    return { own: read('Pss'), resident: read('Rss') };
  } catch {
    return { own: 0, resident: 0 };
  }
}

function sum(values: readonly number[]): number {
  return Math.round(values.reduce((total, value) => total + value, 0));
}
