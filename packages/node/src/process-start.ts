import { fileURLToPath } from 'node:url';
import { confine } from './permissions/confinement.ts';
import type { ProcessOptions } from './process-options.ts';

/** Holds the options of a node's process that takes the place of the one which read them. */
const OPTIONS_VARIABLE = 'SOTTO_NODE_PROCESS_OPTIONS';

const PROGRAM = fileURLToPath(new URL('./process.ts', import.meta.url));

/**
 * Turns this process into a confined node's process: same number, same standard output and error, so that signals, service
 * managers and containers notice nothing. Does not return, except where systems have no such call (Windows): there it gives
 * the arguments of a process to start instead.
 */
export function becomeNode(options: ProcessOptions): {
  readonly program: string;
  readonly arguments: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
} {
  const { folder, networkFile } = options;
  const { arguments: flags, environment } = confine({
    write: [folder],
    read: networkFile === undefined ? [] : [networkFile],
  });
  const next = {
    program: process.execPath,
    arguments: [...flags, PROGRAM],
    environment: { ...environment, [OPTIONS_VARIABLE]: JSON.stringify(options) },
  };
  if (process.platform !== 'win32') {
    process.execve?.(next.program, [next.program, ...next.arguments], next.environment);
  }
  return next;
}

/** The options that {@link becomeNode} left for this process, as one line; `null` if it was started in another way. */
export function inheritedOptions(): string | null {
  const line = process.env[OPTIONS_VARIABLE];
  delete process.env[OPTIONS_VARIABLE];
  return line ?? null;
}
