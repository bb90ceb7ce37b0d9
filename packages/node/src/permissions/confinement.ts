import { mkdirSync, realpathSync } from 'node:fs';
import { join, sep } from 'node:path';

/** What a node's process may reach of the file system, besides the program itself. */
export interface Reach {
  /** Its own folder and what else it writes; folders that are missing are made, for the owner only. */
  readonly write: readonly string[];
  /** Files and folders that it only reads. */
  readonly read?: readonly string[];
}

/** How a program for Node.js is started so that it can do no more than a node needs. */
export interface ConfinedStart {
  /** For Node.js, before the program. */
  readonly arguments: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
}

const PROGRAM_FOLDER = realpathSync(join(import.meta.dirname, '../../../..'));
/** Read by the loader of native add-ons, to tell which libc there is. */
const LIBC_MARK = '/etc/alpine-release';
/**
 * The engine's helpers: one is enough for compiling, since nodes share their machine, and each keeps memory. Small collections
 * of garbage take half a millisecond, and far longer if they have to wait for a helper to be given a core.
 */
const ENGINE = ['--v8-pool-size=1', '--no-parallel-scavenge'];
/** They would make the process load code, listen for a debugger, or write down what it does. */
const TROUBLESOME_VARIABLES = /^(NODE_(OPTIONS|PATH|DEBUG.*|V8_COVERAGE|REDIRECT_WARNINGS|REPL.*)|SSLKEYLOGFILE)$/;

/**
 * Node's permission model as a node needs it: it may read the program, write only its own folder, use the network, and
 * load the one native add-on (libsodium). No child processes, no threads, no debugger (also not by a signal), no code made of
 * text. A fault in it is then not the loss of everything else that its user may reach. Native code is not held by it
 * (SQLite opens what it is told to), so what starts the node should confine it as well where it can.
 */
export function confine({ write, read = [] }: Reach, environment: NodeJS.ProcessEnv = process.env): ConfinedStart {
  for (const folder of write) mkdirSync(folder, { recursive: true, mode: 0o700 });
  const writable = write.map((folder) => realpathSync(folder));
  const readable = outermost([PROGRAM_FOLDER, LIBC_MARK, ...read.flatMap(existing), ...writable]);
  const kept = Object.entries(environment).filter(([name]) => !TROUBLESOME_VARIABLES.test(name));
  return {
    arguments: [
      '--permission',
      '--allow-net',
      '--allow-addons',
      ...readable.map((path) => `--allow-fs-read=${path}`),
      ...outermost(writable).map((path) => `--allow-fs-write=${path}`),
      '--disable-sigusr1',
      '--disallow-code-generation-from-strings',
      ...ENGINE,
      // The two that say that --allow-net and --allow-addons are used.
      '--disable-warning=ExperimentalWarning',
      '--disable-warning=PERM0001',
    ],
    environment: Object.fromEntries(kept),
  };
}

/** Without those that lie in others: where Node.js is given both, it forgets the outer one. */
function outermost(paths: readonly string[]): string[] {
  const different = [...new Set(paths)];
  return different.filter((path) => !different.some((other) => path !== other && path.startsWith(other + sep)));
}

/** The program itself says what is wrong with a file that is not there. */
function existing(path: string): string[] {
  try {
    return [realpathSync(path)];
  } catch {
    return [];
  }
}
