import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bytesToHex } from '@sotto/wire/bytes';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { NodeError } from '../errors.ts';
import { backUpNodeKeys, restoreNodeKeys } from './key-backup.ts';
import { createNodeKeys, loadNodeKeys } from './node-keys.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sotto-backup-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const refused = (sentence: RegExp) =>
  expect.objectContaining({ code: 'keys', message: expect.stringMatching(sentence) });

test('restored keys are the same; the passphrase may be composed in another way', async () => {
  const keys = createNodeKeys(join(folder, 'old'));
  const backup = await backUpNodeKeys(join(folder, 'old'), 'caf\u00e9');
  expect(JSON.parse(backup).ed25519).toBe(bytesToHex(keys.ed25519.publicKey));
  expect(await restoreNodeKeys(join(folder, 'new'), backup, 'cafe\u0301')).toEqual(keys.ed25519.publicKey);
  expect(loadNodeKeys(join(folder, 'new'))).toEqual(keys);
});

test('another passphrase, a folder with keys, and a folder without are refused', async () => {
  createNodeKeys(folder);
  const backup = await backUpNodeKeys(folder, 'one');
  await expect(restoreNodeKeys(join(folder, 'new'), backup, 'two')).rejects.toEqual(refused(/passphrase/));
  expect(loadNodeKeys(join(folder, 'new'))).toBeNull();
  await expect(restoreNodeKeys(folder, backup, 'one')).rejects.toEqual(refused(/already/));
  await expect(backUpNodeKeys(join(folder, 'none'), 'one')).rejects.toEqual(refused(/no keys/));
});

test('what is no backup is refused', async () => {
  const texts = fc.oneof(
    fc.string(),
    fc.json(),
    fc
      .record({ sottoNodeKeys: fc.constant(1), salt: fc.string(), nonce: fc.string(), box: fc.string() })
      .map((some) => JSON.stringify(some)),
  );
  await fc.assert(
    fc.asyncProperty(texts, async (text) => {
      await expect(restoreNodeKeys(folder, text, 'x')).rejects.toBeInstanceOf(NodeError);
    }),
  );
});
