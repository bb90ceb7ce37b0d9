/** One Ctrl-C can arrive twice, from the terminal and from the program that started this one, ms. */
const SAME_KEYSTROKE_MS = 300;
/**
 * Without a parent a program ends by then. All that it acknowledged is on the disk, and whoever starts the same again needs
 * its ports.
 */
const ORPHAN_LIMIT_MS = 1000;

/** What a program that another one starts knows of that. */
export interface Program {
  /** Aborts when the program shall end: on SIGTERM, SIGINT or SIGHUP, when nobody reads its output any more, or its parent is gone. */
  readonly signal: AbortSignal;
  /** Resolves when `signal` aborts. */
  readonly asked: Promise<void>;
  /**
   * The line of options that a parent writes on standard input; all of it if it ends without one. From then on the program
   * shall end when standard input does, and is ended a second later if it has not.
   */
  options(): Promise<string>;
  /** Prints one line of JSON on standard output. */
  say(event: Readonly<Record<string, unknown>>): void;
}

/**
 * Runs `main` as the program of this process, and ends the process when it resolves, with code 0. An error that is expected
 * is one sentence on standard error, with code 1; any other one, wherever it happens, is told without its text, which may
 * quote what somebody sent, with code 70. A second Ctrl-C ends the process at once, with code 130.
 * @param name how sentences call the program, e.g. `The node`.
 */
export async function runProgram(
  name: string,
  isExpected: (error: unknown) => error is Error,
  main: (program: Program) => Promise<void>,
): Promise<never> {
  const crash = (error: unknown): never => {
    const frames = error instanceof Error ? (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line)) : [];
    process.stderr.write(`${name} failed unexpectedly and stops.\n${frames.join('\n')}\n`);
    process.exit(70);
  };
  process.on('uncaughtException', crash);
  const ending = new AbortController();
  const end = () => ending.abort();
  endWhenAsked(end);
  const { signal } = ending;
  try {
    await main({
      signal,
      asked: new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true })),
      options: () => lineOfParent(end),
      say: (event) => void process.stdout.write(`${JSON.stringify(event)}\n`),
    });
    process.exit(0);
  } catch (error) {
    if (!isExpected(error)) return crash(error);
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}

function endWhenAsked(end: () => void): void {
  let firstAt: number | null = null;
  for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    process.on(name, () => {
      firstAt ??= performance.now();
      if (name === 'SIGINT' && performance.now() - firstAt > SAME_KEYSTROKE_MS) process.exit(130);
      end();
    });
  }
  // Without a listener, what is said to a parent that was killed would be the crash of its child.
  process.stdout.on('error', end);
  process.stderr.on('error', () => {});
}

async function lineOfParent(end: () => void): Promise<string> {
  const endAsOrphan = () => {
    end();
    setTimeout(() => process.exit(0), ORPHAN_LIMIT_MS);
  };
  process.stdin.on('error', endAsOrphan);
  const line = await firstLine();
  if (process.stdin.readableEnded) endAsOrphan();
  process.stdin.once('end', endAsOrphan).once('close', endAsOrphan).resume();
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
