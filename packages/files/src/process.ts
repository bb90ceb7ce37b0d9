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
 * It ends, with code 0, on SIGTERM or SIGINT, and when standard input closes because the parent is gone. What keeps it
 * from starting is one sentence on standard error, with code 1. Its log goes to standard error as JSON lines.
 */
async function main(): Promise<void> {
  const asked = Promise.withResolvers<void>();
  process.once('SIGTERM', asked.resolve);
  process.once('SIGINT', asked.resolve);
  const { folder, logLevel, settings } = parseOptions(await firstLine());
  if (process.stdin.readableEnded) asked.resolve();
  process.stdin.once('end', asked.resolve).once('close', asked.resolve).resume();
  const server = await startFileServer({
    folder,
    settings: settings === undefined ? loadSettings(folder) : readSettings(settings),
    logLevel,
  });
  const { publicKey, port, metricsPort } = server;
  process.stdout.write(`${JSON.stringify({ event: 'ready', publicKey, port, metricsPort })}\n`);
  await asked.promise;
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
  process.stderr.write(`The file server failed unexpectedly and stops.\n${frames.join('\n')}\n`);
  process.exit(70);
}

process.on('uncaughtException', crash);

try {
  await main();
  process.exit(0);
} catch (error) {
  if (!(error instanceof FilesError)) crash(error);
  else {
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}
