import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { AuthorityFolder } from './authority-folder.ts';

let path: string;

beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), 'sotto-authority-folder-'));
});

afterEach(() => rmSync(path, { recursive: true }));

test('an authority that lies all the time does not fill the disk, nor hide the lies of another', async () => {
  const folder = new AuthorityFolder(path);
  const lie = (epoch: number, name: string) =>
    folder.saveEvidence({
      authority: name.repeat(64),
      epoch,
      what: 'votes',
      first: new Uint8Array(9),
      second: new Uint8Array(8),
    });
  for (let epoch = 1; epoch <= 30; epoch++) await lie(epoch, 'a');
  await lie(31, 'b');
  const kept = await folder.evidence();
  expect(
    kept
      .filter(({ authority }) => authority === 'a'.repeat(16))
      .map(({ epoch }) => epoch)
      .sort((a, b) => a - b),
  ).toEqual(Array.from({ length: 10 }, (_, index) => index + 1));
  expect(kept).toContainEqual({ authority: 'b'.repeat(16), epoch: 31, what: 'votes' });
});
