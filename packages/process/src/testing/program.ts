import { setTimeout as delay } from 'node:timers/promises';
import { runProgram } from '../run-program.ts';

class Expected extends Error {}

/** Does what its options say; for the tests of how programs begin and end. */
await runProgram(
  'The program',
  (error) => error instanceof Expected,
  async ({ options, say, asked, signal }) => {
    const { fail, endless } = JSON.parse((await options()) || '{}') as { fail?: string; endless?: boolean };
    if (fail === 'expected') throw new Expected('This is what to do.');
    if (fail === 'later') setImmediate(() => JSON.parse('secret'));
    if (fail === 'now') JSON.parse('secret');
    say({ event: 'ready' });
    // Something to say again and again, as programs have.
    while (!signal.aborted) {
      say({ event: 'still' });
      await delay(20);
    }
    await asked;
    if (endless) await delay(60_000);
  },
);
