import { expect, test } from 'vitest';
import { runTogether } from './run-together.ts';

const untilAborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });

test('ends when all have ended', async () => {
  const stop = new AbortController();
  let ended = 0;
  const task = async (signal: AbortSignal) => {
    await untilAborted(signal);
    ended++;
  };
  const running = runTogether(stop.signal, [task, task]);
  stop.abort();
  await running;
  expect(ended).toBe(2);
});

test('one that fails stops the others, and its error comes once they have ended', async () => {
  let ended = false;
  const running = runTogether(new AbortController().signal, [
    async (signal) => {
      await untilAborted(signal);
      ended = true;
    },
    () => Promise.reject(new Error('broken')),
  ]);
  await expect(running).rejects.toThrow('broken');
  expect(ended).toBe(true);
});
