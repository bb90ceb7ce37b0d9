import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { DirectoryError, parseNetworkFile } from '@sotto/directory';
import { createLog, NodeError } from '@sotto/node';
import { z } from 'zod';
import { AuthorityError } from './errors.ts';
import { startVotingAuthority } from './start-authority.ts';

const optionsSchema = z.strictObject({
  folder: z.string().min(1),
  /** A path. */
  networkFile: z.string().min(1),
  host: z.string().optional(),
  port: z.int().min(0).max(0xffff),
  roundLength: z.int().min(100).optional(),
  logLevel: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
  /** How far its clock is wrong, ms; for experiments. */
  clockError: z.int().default(0),
});

/**
 * An authority as a process of its own. Reads one line of JSON options from standard input and prints lines of JSON on
 * standard output: `{"event":"ready","key":"<hex>","port":n}` when it listens, then `{"event":"round",…}` after each round.
 * It ends with code 0 on SIGTERM or SIGINT, and when standard input closes because the parent is gone. What keeps it from
 * starting is one sentence on standard error, with code 1. Its log goes to standard error as JSON lines.
 */
async function main(): Promise<void> {
  const asked = Promise.withResolvers<void>();
  process.once('SIGTERM', asked.resolve);
  process.once('SIGINT', asked.resolve);
  const lines = createInterface({ input: process.stdin });
  lines.once('close', asked.resolve);
  const line = await new Promise<string>((resolve) => lines.once('line', resolve).once('close', () => resolve('')));
  const options = readOptions(line);
  const { networkFile, logLevel, clockError, host, roundLength, ...others } = options;
  const authority = await startVotingAuthority({
    ...others,
    ...(host !== undefined && { host }),
    ...(roundLength !== undefined && { roundLength }),
    networkFile: parseNetworkFile(readFileSync(networkFile, 'utf8')),
    now: () => Date.now() + clockError,
    log: createLog(logLevel),
    onRound: (outcome) => print({ event: 'round', ...outcome }),
  });
  print({ event: 'ready', key: authority.key, port: authority.port });
  await asked.promise;
  await authority.close();
}

function readOptions(line: string): z.output<typeof optionsSchema> {
  try {
    return optionsSchema.parse(JSON.parse(line));
  } catch (cause) {
    throw new AuthorityError('options', "The authority's options are wrong.", { cause });
  }
}

function print(line: Readonly<Record<string, unknown>>): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

try {
  await main();
  process.exit(0);
} catch (error) {
  const isKnown = error instanceof DirectoryError || error instanceof AuthorityError || error instanceof NodeError;
  process.stderr.write(`${isKnown ? error.message : 'The authority failed unexpectedly and stops.'}\n`);
  process.exit(isKnown ? 1 : 70);
}
