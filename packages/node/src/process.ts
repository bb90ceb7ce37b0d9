import { setTimeout as delay } from 'node:timers/promises';
import { bytesToHex } from '@sotto/wire/bytes';
import { NodeError } from './errors.ts';
import type { NodeOptions, RunningNode } from './node-options.ts';
import { parseProcessOptions } from './process-options.ts';
import { inheritedOptions } from './process-start.ts';
import { startNode } from './start-node.ts';

/** One Ctrl-C can arrive twice, from the terminal and from the program that started this one, ms. */
const SAME_KEYSTROKE = 300;
const LOOK_INTERVAL_MS = 1000;
/**
 * Without a parent the node ends by then. All that it acknowledged is on the disk, and whoever starts the network again needs
 * its ports.
 */
const ORPHAN_LIMIT_MS = 1000;

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
async function main(): Promise<void> {
  const asked = new AbortController();
  const { signal } = asked;
  const orphanTime = Promise.withResolvers<void>();
  endWhenAsked(() => asked.abort());
  const endAsOrphan = () => {
    asked.abort();
    setTimeout(orphanTime.resolve, ORPHAN_LIMIT_MS);
  };
  const options = parseProcessOptions(inheritedOptions() ?? (await firstLineOfParent(endAsOrphan)));
  const { join } = options;
  const node = await startNode({ ...options, signal, ...(join && { join: { ...join, onAnswer: tellAnswer } }) }).catch(
    (error: unknown) => {
      if (!signal.aborted) throw error;
      return null;
    },
  );
  if (!node) return;
  // Everything native is loaded now.
  process.permission?.drop('addon');
  const ended = new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
  try {
    await Promise.race([announce(node, options, signal), ended]);
    await ended;
  } finally {
    await Promise.race([node.close(), orphanTime.promise]);
  }
}

/** Tells what becomes of the node until it is in a swarm. */
async function announce(node: RunningNode, { host = '127.0.0.1', oxend, join }: NodeOptions, signal: AbortSignal) {
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
function tellAnswer(authority: string, refusal: string | null): void {
  const accepted = refusal === null;
  say({ event: 'authority', authority, accepted, ...(!accepted && { reason: refusal }) });
  if (!accepted) process.stderr.write(`Authority ${authority.slice(0, 8)}…: ${refusal}.\n`);
}

function say(event: Readonly<Record<string, unknown>>): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}

/** Calls `end` at the first request to end; a second Ctrl-C ends the process at once. */
function endWhenAsked(end: () => void): void {
  let firstAt: number | null = null;
  for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    process.on(name, () => {
      firstAt ??= performance.now();
      if (name === 'SIGINT' && performance.now() - firstAt > SAME_KEYSTROKE) process.exit(130);
      end();
    });
  }
  // Without a listener, what is said to a parent that was killed would be the crash of its child.
  process.stdout.on('error', end);
  process.stderr.on('error', () => {});
}

/** The line of options that a parent writes; calls `end` when the parent is gone. */
async function firstLineOfParent(end: () => void): Promise<string> {
  process.stdin.on('error', end);
  const line = await firstLine();
  if (process.stdin.readableEnded) end();
  process.stdin.once('end', end).once('close', end).resume();
  return line;
}

/** The first line of standard input; all of it if it ends without one. */
async function firstLine(): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  let text = '';
  const end = () => resolve(text);
  const read = (part: Buffer) => {
    text += part.toString('utf8');
    if (text.includes('\n')) resolve(text.slice(0, text.indexOf('\n')));
  };
  process.stdin.on('data', read).once('end', end);
  const line = await promise;
  process.stdin.off('data', read).off('end', end);
  return line;
}

/** The text of an error may quote what somebody sent; where it happened does not. */
function crash(error: unknown): void {
  const frames = error instanceof Error ? (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line)) : [];
  process.stderr.write(`The node failed unexpectedly and stops.\n${frames.join('\n')}\n`);
  process.exit(70);
}

process.on('uncaughtException', crash);

try {
  await main();
  process.exit(0);
} catch (error) {
  if (!(error instanceof NodeError)) crash(error);
  else {
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}
