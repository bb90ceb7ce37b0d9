/**
 * How long a message takes from `send` until the reader's engine has it, in a network of nine nodes on this machine, and
 * what the nodes need for it. Both people are in a conversation, so their engines look often. Two waits are measured
 * beside it, to tell the network's part from the polling's: until a swarm keeps the message, and one round trip.
 */
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createProfile, type Engine } from '@sotto/client';
import { startNetwork } from '@sotto/lab';

const MESSAGES = 40;

const folder = await mkdtemp(join(tmpdir(), 'sotto-bench-'));
const began = performance.now();
const network = await startNetwork({ folder: join(folder, 'network') });
const startMs = performance.now() - began;
try {
  const profile = (name: string) => createProfile({ folder: join(folder, name), network: network.networkFile, name });
  const [ada, ben] = await Promise.all([profile('Ada'), profile('Ben')]);
  try {
    await measure(ada, ben);
  } finally {
    await Promise.all([ada.close(), ben.close()]);
  }
} finally {
  await network.close();
  await rm(folder, { recursive: true, force: true });
}

async function measure(ada: Engine, ben: Engine): Promise<void> {
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
  console.log(`network of ${network.nodes.length} nodes up after ${Math.round(startMs)} ms`);
  console.log(`send → kept by a swarm     ${describe(stored)}`);
  console.log(`send → with the reader     ${describe(shown)}`);
  console.log(`round trip of a request    median ${ada.route().roundTripMs} ms`);
  const memory = network.nodes.map(({ pid }) => memoryOf(pid!));
  console.log(
    `memory of the nodes        ${sum(memory.map(({ own }) => own))} MiB in all (shared pages counted once: PSS), ${sum(memory.map(({ resident }) => resident))} MiB resident`,
  );
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
