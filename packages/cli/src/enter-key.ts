import { createInterface } from 'node:readline';

/** Calls `listener` each time somebody presses Enter, if a terminal is attached; disposing it stops that. */
export function onEnter(listener: () => void): Disposable {
  if (!process.stdin.isTTY) return { [Symbol.dispose]: () => undefined };
  const lines = createInterface({ input: process.stdin }).on('line', listener);
  return { [Symbol.dispose]: () => lines.close() };
}
