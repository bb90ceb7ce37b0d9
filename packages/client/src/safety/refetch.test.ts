import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ALICE, alice, bob, Party } from '../testing/party.ts';
import { bodies, copyOf } from '../testing/person.ts';
import { repairDatabase } from './repair.ts';
import { takeSnapshot } from './snapshot.ts';

/** That of devices in tests. */
const KEY = new Uint8Array(32).fill(5);
const PAGE = 4096;

test.each([
  ['nothing of the damaged database can be read', [0]],
  ['its messages cannot be read', [5, 6, 7, 8, 9, 10, 11, 12]],
])('after a repair the mailbox brings what came since, once; what was deleted stays away (%s)', async (_, pages) => {
  const party = new Party();
  const [a, b] = await party.acquainted();
  b.engine.send(alice, 'before');
  await party.settle();
  takeSnapshot(a.database, a.folder, party.clock.now());
  b.engine.send(alice, 'since');
  b.engine.send(alice, 'taken back');
  a.engine.send(bob, 'my own');
  await party.settle();
  b.engine.deleteForEveryone([b.engine.messages(alice).messages.find(({ body }) => body === 'taken back')!.id]);
  await party.settle();
  const expected = bodies(a, bob);
  const folder = copyOf(a);
  await a.engine.close();
  for (const name of ['profile.db-wal', 'profile.db-shm']) rmSync(join(folder, name), { force: true });
  const path = join(folder, 'profile.db');
  writeFileSync(path, readFileSync(join(a.folder, 'profile.db')));
  const bytes = readFileSync(path);
  for (const page of pages) bytes.fill(0x11, page * PAGE, (page + 1) * PAGE);
  writeFileSync(path, bytes);
  expect(repairDatabase({ folder, path, files: join(folder, 'files'), key: KEY, now: party.clock.now() })).toBe(true);
  const repaired = party.start(ALICE, { from: folder });
  expect(repaired.engine.repair()!.copyFrom).not.toBeNull();
  expect(bodies(repaired, bob)).not.toContain('since');
  await party.settle();
  party.repeat();
  await party.settle();
  expect(
    bodies(repaired, bob)
      .filter((body) => body !== '')
      .sort(),
  ).toEqual(expected.filter((body) => body !== '').sort());
  expect(bodies(b, alice)).toContain('my own');
  await party.end();
});
