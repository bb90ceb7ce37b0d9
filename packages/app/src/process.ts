import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { parseAnyNetworkFile } from '@sotto/directory';
import pino from 'pino';
import { z } from 'zod';
import { HostError } from './host/host-error.ts';
import { startHost } from './host/start-host.ts';

/**
 * A host as a process of its own. The first line of standard input is its options, as JSON; each later line is a
 * command. It writes one line of JSON an event to standard output and its log to standard error, and ends with
 * SIGTERM, SIGINT or the end of standard input.
 *
 *     in   {"folder": "…", "networkFile": "…", "port": 0, "name": "Noor", "logLevel": "warn"}
 *     out  {"event": "ready", "url": "http://127.0.0.1:40001/#…", "port": 40001}
 *     in   {"command": "link"}
 *     out  {"event": "link", "url": "http://127.0.0.1:40001/#…"}
 *     out  {"event": "failed", "code": "port-taken", "message": "Port 40001 is in use …"}    exit code 1
 */
const optionsSchema = z.object({
  folder: z.string().min(1),
  networkFile: z.string().min(1),
  port: z.int().min(0).max(65_535),
  name: z.string().optional(),
  logLevel: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('warn'),
});

const commandSchema = z.object({ command: z.literal('link') });

const stopping = new AbortController();
process.once('SIGTERM', () => stopping.abort());
process.once('SIGINT', () => stopping.abort());

try {
  await run();
} catch (error) {
  report({ event: 'failed', code: codeOf(error), message: error instanceof Error ? error.message : 'unknown failure' });
  process.exitCode = 1;
}
process.stdin.destroy();

async function run(): Promise<void> {
  const lines = createInterface({ input: process.stdin, signal: stopping.signal })[Symbol.asyncIterator]();
  const options = parseOptions((await lines.next()).value);
  const host = await startHost({
    folder: options.folder,
    network: parseAnyNetworkFile(await readNetworkFile(options.networkFile)),
    port: options.port,
    name: options.name,
    log: pino({ level: options.logLevel, base: null }, pino.destination({ fd: 2, sync: true })),
  });
  try {
    report({ event: 'ready', url: host.url, port: host.port });
    for (let line = await lines.next(); !line.done; line = await lines.next()) {
      if (commandSchema.safeParse(parseJson(line.value)).success) report({ event: 'link', url: host.newLink() });
      else report({ event: 'refused', message: 'This command is not known.' });
    }
  } finally {
    await host.close();
  }
}

function parseOptions(line: string | undefined): z.infer<typeof optionsSchema> {
  const options = optionsSchema.safeParse(parseJson(line ?? ''));
  if (options.success) return options.data;
  throw new HostError('bad-options', `The host's options are wrong: ${z.prettifyError(options.error)}`);
}

async function readNetworkFile(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    throw new HostError('bad-options', `The network file ${path} cannot be read.`);
  }
}

function report(event: object): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Engine, directory and host errors all carry a stable code. */
function codeOf(error: unknown): string {
  return String((error as { code?: unknown }).code ?? 'internal');
}
