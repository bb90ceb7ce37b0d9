import { bytesToHex } from '@sotto/wire/bytes';
import { NodeError } from './errors.ts';
import type { RunningNode } from './node-options.ts';
import { parseProcessOptions } from './process-options.ts';
import { startNode } from './start-node.ts';

/**
 * A storage node as a process of its own. Reads one line of JSON options from standard input (see
 * `parseProcessOptions`), and prints one line of JSON on standard output when it listens and knows the directory:
 *
 *     {"event":"ready","ed25519":"<hex>","x25519":"<hex>","httpsPort":n,"omqPort":n,"swarm":"<hex>"|null}
 *
 * A node behind oxend has no keys until that gives them, and waits for them before it listens. It ends, with code 0, on
 * SIGTERM or SIGINT, and when standard input closes because the parent is gone. What keeps it
 * from starting is one sentence on standard error, with code 1. Its log goes to standard error as JSON lines.
 */
async function main(): Promise<void> {
  const asked = Promise.withResolvers<void>();
  const starting = new AbortController();
  void asked.promise.then(() => starting.abort());
  process.once('SIGTERM', asked.resolve);
  process.once('SIGINT', asked.resolve);
  const options = parseProcessOptions(await firstLine());
  if (process.stdin.readableEnded) asked.resolve();
  process.stdin.once('end', asked.resolve).once('close', asked.resolve).resume();
  const node = await startNode({ ...options, signal: starting.signal }).catch((error: unknown) => {
    if (!starting.signal.aborted) throw error;
    return null;
  });
  if (!node) return;
  await Promise.race([node.ready.then(() => announce(node)), asked.promise]);
  await asked.promise;
  await node.close();
}

function announce(node: RunningNode): void {
  const { keys, httpsPort, omqPort } = node;
  const line = {
    event: 'ready',
    ed25519: bytesToHex(keys.ed25519),
    x25519: bytesToHex(keys.x25519),
    httpsPort,
    omqPort,
    swarm: node.swarm(),
  };
  process.stdout.write(`${JSON.stringify(line)}\n`);
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
