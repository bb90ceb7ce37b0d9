import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assembleSuccession, encodeSuccession, networkId, signSuccession } from '@sotto/directory';
import { bytesToHex } from '@sotto/wire/bytes';
import type { KeyPair } from '@sotto/wire/crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { AuthorityFolder } from './authority-folder.ts';
import { SuccessionKeeper } from './succession-keeper.ts';
import { sampleFile, sampleKey, sampleKeys } from './testing/sample.ts';

const old = sampleKeys(3);
const file = sampleFile(old, 2);
let path: string;

beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), 'sotto-successions-'));
});

afterEach(() => rmSync(path, { recursive: true }));

function succession(number: number, next: readonly KeyPair[], signers: readonly KeyPair[]): Uint8Array {
  const authorities = next.map(({ publicKey }) => ({ key: bytesToHex(publicKey), urls: [] }));
  const dict = encodeSuccession({ networkId: networkId(file), number, authorities, threshold: 2 });
  return assembleSuccession(
    dict,
    signers.map((key) => signSuccession(dict, key)),
  );
}

test('keys that decide no more cannot tell another story, even a longer one', async () => {
  const folder = new AuthorityFolder(path);
  const keeper = new SuccessionKeeper(folder, file, []);
  const heirs = [old[0]!, sampleKey('heir 1'), sampleKey('heir 2')];
  const first = succession(1, heirs, old.slice(0, 2));
  expect(await keeper.take([first])).toBe(true);

  const thieves = [old[1]!, old[2]!, sampleKey('thief')];
  const fork = [
    succession(1, thieves, old.slice(1)),
    succession(2, [sampleKey('thief'), old[2]!], thieves.slice(0, 2)),
  ];
  await expect(keeper.take(fork)).rejects.toMatchObject({ code: 'signatures' });
  expect(keeper.signed).toEqual([first]);
  expect(await folder.successions()).toEqual([first]);

  const second = succession(2, heirs.slice(1), heirs.slice(0, 2));
  expect(await keeper.take([first, second])).toBe(true);
  expect(keeper.deciding.authorities).toHaveLength(2);
});
