import { setTimeout as delay } from 'node:timers/promises';
import { type Program, runProgram } from '@sotto/process';
import { bytesToHex } from '@sotto/wire/bytes';
import { NodeError } from './errors.ts';
import type { NodeOptions, RunningNode } from './node-options.ts';
import { parseProcessOptions } from './process-options.ts';
import { inheritedOptions } from './process-start.ts';
import { startNode } from './start-node.ts';

const LOOK_INTERVAL_MS = 1000;

/**
 * A storage node as a process of its own. Its options (see `parseProcessOptions`) are one line of JSON on standard input, or
 * were left by `becomeNode`. It prints one line of JSON on standard output for everything that happens:
 *
 *     {"event":"listening","ed25519":"<hex>","x25519":"<hex>","host":"…","httpsPort":n,"omqPort":n,"metricsPort":n|null}
 *     {"event":"ready","ed25519":"<hex>","x25519":"<hex>","httpsPort":n,"omqPort":n,"swarm":"<hex>"|null}
 *     {"event":"authority","authority":"<hex>","accepted":true|false,"reason":"…"}      only if it joins by itself
 *     {"event":"listed","ed25519":"<hex>","swarm":"<hex>"}
 *
 * `ready` comes when it knows the other nodes, `listed` once it is in a swarm. A node behind oxend has no keys until that gives
 * them, and waits for them before it listens. It ends, with code 0, on SIGTERM, SIGINT or SIGHUP, when nobody reads its output
 * any more, and, if standard input gave the options, when that closes because the parent is gone. What keeps it from starting is
 * one sentence on standard error, with code 1. Its log goes to standard error as JSON lines.
 */
async function main(program: Program): Promise<void> {
  const { signal } = program;
  const options = parseProcessOptions(inheritedOptions() ?? (await program.options()));
  const { join } = options;
  const onAnswer = (authority: string, refusal: string | null) => tellAnswer(program, authority, refusal);
  const node = await startNode({ ...options, signal, ...(join && { join: { ...join, onAnswer } }) }).catch(
    (error: unknown) => {
      if (!signal.aborted) throw error;
      return null;
    },
  );
  if (!node) return;
  // Everything native is loaded now.
  process.permission?.drop('addon');
  try {
    await Promise.race([announce(node, options, program), program.asked]);
    await program.asked;
  } finally {
    await node.close();
  }
}

/** Tells what becomes of the node until it is in a swarm. */
async function announce(node: RunningNode, { host = '127.0.0.1', oxend, join }: NodeOptions, program: Program) {
  const { signal, say } = program;
  const { httpsPort, omqPort, metricsPort } = node;
  const keys = { ed25519: bytesToHex(node.keys.ed25519), x25519: bytesToHex(node.keys.x25519) };
  say({ event: 'listening', ...keys, host, httpsPort, omqPort, metricsPort });
  await node.ready;
  if (signal.aborted) return;
  say({ event: 'ready', ...keys, httpsPort, omqPort, swarm: node.swarm() });
  if (node.swarm() === null) process.stderr.write(`${oxend ? UNLISTED_BY_CHAIN : join ? JOINING : UNLISTED}\n`);
  while (!signal.aborted && node.swarm() === null) {
    await delay(LOOK_INTERVAL_MS, undefined, { signal }).catch(() => {});
  }
  if (!signal.aborted) say({ event: 'listed', ed25519: keys.ed25519, swarm: node.swarm() });
}

const JOINING =
  'The network does not list this node yet. It asks the authorities to let it in; then it takes some minutes at most.';
const UNLISTED =
  'The network does not list this node yet. Give its ed25519 key to an authority, or let it join by itself.';
const UNLISTED_BY_CHAIN = 'The chain lists this node in no swarm: it is not registered, or decommissioned.';

/** Only what changes is told, so that a wrong port or a used code is seen at once and a steady node is silent. */
function tellAnswer({ say }: Program, authority: string, refusal: string | null): void {
  const accepted = refusal === null;
  say({ event: 'authority', authority, accepted, ...(!accepted && { reason: refusal }) });
  if (!accepted) process.stderr.write(`Authority ${authority.slice(0, 8)}…: ${refusal}.\n`);
}

await runProgram('The node', (error) => error instanceof NodeError, main);
