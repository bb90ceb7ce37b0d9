import { type Program, runProgram } from '@sotto/process';
import { z } from 'zod';
import { FilesError } from './errors.ts';
import { loadSettings, readSettings } from './settings.ts';
import { startFileServer } from './start-file-server.ts';

/**
 * A file server as a process of its own. Reads one line of JSON from standard input,
 * `{"folder":"…","logLevel":"…","settings":{…}}`, and prints one line of JSON on standard output when it listens. Without
 * settings it has those of its folder.
 *
 *     {"event":"ready","publicKey":"<hex>","port":n,"metricsPort":n|null}
 *
 * How it begins and ends is in `runProgram`; what keeps it from starting is one sentence on standard error, with code 1. Its
 * log goes to standard error as JSON lines.
 */
async function main(program: Program): Promise<void> {
  const { folder, logLevel, settings } = parseOptions(await program.options());
  const server = await startFileServer({
    folder,
    settings: settings === undefined ? loadSettings(folder) : readSettings(settings),
    logLevel,
  });
  const { publicKey, port, metricsPort } = server;
  program.say({ event: 'ready', publicKey, port, metricsPort });
  await program.asked;
  await server.close();
}

const optionsSchema = z.strictObject({
  folder: z.string().min(1),
  logLevel: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
  settings: z.unknown().optional(),
});

function parseOptions(line: string): z.output<typeof optionsSchema> {
  try {
    return optionsSchema.parse(JSON.parse(line));
  } catch {
    throw new FilesError('settings', 'The options of the file server are wrong.');
  }
}

await runProgram('The file server', (error) => error instanceof FilesError, main);
