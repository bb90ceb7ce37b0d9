import { readFileSync } from 'node:fs';
import { DirectoryError, parseNetworkFile } from '@sotto/directory';
import { createLog, NodeError } from '@sotto/node';
import { type Program, runProgram } from '@sotto/process';
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
 * How it begins and ends is in `runProgram`; what keeps it from starting is one sentence on standard error, with code 1. Its
 * log goes to standard error as JSON lines.
 */
async function main(program: Program): Promise<void> {
  const options = readOptions(await program.options());
  const { networkFile, logLevel, clockError, host, roundLength, ...others } = options;
  const authority = await startVotingAuthority({
    ...others,
    ...(host !== undefined && { host }),
    ...(roundLength !== undefined && { roundLength }),
    networkFile: parseNetworkFile(readFileSync(networkFile, 'utf8')),
    now: () => Date.now() + clockError,
    log: createLog(logLevel),
    onRound: (outcome) => program.say({ event: 'round', ...outcome }),
  });
  program.say({ event: 'ready', key: authority.key, port: authority.port });
  await program.asked;
  await authority.close();
}

function readOptions(line: string): z.output<typeof optionsSchema> {
  try {
    return optionsSchema.parse(JSON.parse(line));
  } catch (cause) {
    throw new AuthorityError('options', "The authority's options are wrong.", { cause });
  }
}

function isExpected(error: unknown): error is Error {
  return error instanceof DirectoryError || error instanceof AuthorityError || error instanceof NodeError;
}

await runProgram('The authority', isExpected, main);
