import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ed25519PublicToX25519 } from '@sotto/wire/crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createNodeKeys, loadNodeKeys, wipeNodeKeys } from './node-keys.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sotto-keys-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('keys are made once, kept in a private file, and read back', () => {
  expect(loadNodeKeys(folder)).toBeNull();
  const keys = createNodeKeys(join(folder, 'new', 'node'));
  expect(statSync(join(folder, 'new/node/node.seed')).mode & 0o777).toBe(0o600);
  expect(readdirSync(join(folder, 'new/node'))).toEqual(['node.seed']);
  expect(loadNodeKeys(join(folder, 'new/node'))).toEqual(keys);
  expect(ed25519PublicToX25519(keys.ed25519.publicKey)).toEqual(keys.x25519.publicKey);
  expect(() => createNodeKeys(join(folder, 'new/node'))).toThrowError(expect.objectContaining({ code: 'keys' }));
});

test('damaged keys, and keys that others can read, are refused', () => {
  writeFileSync(join(folder, 'node.seed'), 'short', { mode: 0o600 });
  expect(() => loadNodeKeys(folder)).toThrowError(/damaged/);
  chmodSync(join(folder, 'node.seed'), 0o644);
  expect(() => loadNodeKeys(folder)).toThrowError(/chmod 600/);
});

test('wiping leaves no secret behind', () => {
  const keys = createNodeKeys(folder);
  wipeNodeKeys(keys);
  expect(
    [keys.ed25519, keys.x25519, keys.legacy].flatMap(({ secretKey }) => [...secretKey]).every((byte) => byte === 0),
  ).toBe(true);
});
