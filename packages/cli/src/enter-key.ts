import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

/** Calls `listener` for each line on standard input: Enter in a terminal, or a program's. Disposing it stops that. */
export function onEnter(listener: () => void): Disposable {
  if (isInBackground()) return { [Symbol.dispose]: () => undefined };
  const lines = createInterface({ input: process.stdin }).on('line', listener);
  return {
    [Symbol.dispose]() {
      lines.close();
      // An open pipe would keep the process alive.
      process.stdin.destroy();
    },
  };
}

/** Whether a shell runs this as `sotto up &`; a system stops such a process when it reads from the terminal. */
function isInBackground(): boolean {
  if (!process.stdin.isTTY) return false;
  try {
    // Behind the name in brackets: state, parent, group, session, terminal, the terminal's foreground group.
    const [, , group, , , foreground] = readFileSync('/proc/self/stat', 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return group !== foreground;
  } catch {
    return false;
  }
}
