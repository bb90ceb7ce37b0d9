import { outputClosed } from './output.ts';

/** One Ctrl-C can arrive twice, from the terminal and from the program that started this one, ms. */
const SAME_KEYSTROKE = 300;

/**
 * Aborts at the first Ctrl-C or request to end, and when nobody reads the output any more; a second Ctrl-C ends the
 * process at once.
 */
export function stopSignal(): AbortSignal {
  const controller = new AbortController();
  let firstAt = 0;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (!controller.signal.aborted) firstAt = performance.now();
      else if (signal === 'SIGINT' && performance.now() - firstAt > SAME_KEYSTROKE) process.exit(130);
      controller.abort();
    });
  }
  return AbortSignal.any([controller.signal, outputClosed]);
}

/** Resolves once the signal has aborted. */
export function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
