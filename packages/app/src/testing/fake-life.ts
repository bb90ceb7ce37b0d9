import type { FakeEngine } from './fake-engine.ts';

const MINUTE = 60_000;

export const INES = `05${'8c4190af3d77e2b6'.repeat(4)}`;
export const LENA = `05${'01c95f3a7be044d1'.repeat(4)}`;
export const TOMAS = `05${'9a26c07d8e13b5f2'.repeat(4)}`;

/** Fills an engine with conversations as they look after a few days of use. `now` is Unix ms. */
export function liveAWhile(engine: FakeEngine, now: number): void {
  engine.describe(INES, { name: 'Ines Marchetti' });
  for (let day = 4; day > 0; day--) {
    for (let at = 0; at < 30; at++) {
      const sentAt = now - day * 1_440 * MINUTE + at * 2 * MINUTE;
      engine.add(
        INES,
        at % 3 === 0 ? 'out' : 'in',
        `Day ${5 - day}, line ${at + 1}. ${'And so on. '.repeat(at % 4)}`,
        sentAt,
      );
    }
  }
  engine.add(INES, 'in', 'Morning. I have the second half of the ledger.', now - 42 * MINUTE);
  engine.add(INES, 'in', 'Can we talk about how it was obtained before anyone else reads it?', now - 41 * MINUTE);
  engine.add(INES, 'out', 'Yes. Not on the phone. Send it here, I am alone until ten.', now - 39 * MINUTE);
  engine.add(INES, 'in', 'The scan is in the folder. Read it before the desk meets.', now - 30 * MINUTE);
  engine.add(INES, 'in', 'https://desk.example/ledger/part-2 has the index.', now - 29 * MINUTE);
  engine.add(INES, 'out', 'Reading.', now - 4 * MINUTE);
  engine.add(INES, 'out', 'Two names are missing on page nine.', now - 3 * MINUTE, 'failed');
  engine.describe(INES, { unread: 0 });

  engine.describe(LENA, { name: 'Lena K.' });
  engine.add(LENA, 'in', 'Are you at the desk on Thursday?', now - 1_500 * MINUTE);
  engine.describe(LENA, { unread: 1 });

  engine.describe(TOMAS, { name: 'Tomas', isRequest: true });
  engine.add(TOMAS, 'in', 'Hello, Ines gave me your id. I keep the archive of the harbour office.', now - 55 * MINUTE);
  engine.add(TOMAS, 'in', 'Can we meet?', now - 54 * MINUTE);
}
