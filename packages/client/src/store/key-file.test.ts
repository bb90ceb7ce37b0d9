import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { EngineError } from '../engine.ts';
import { seededRandom } from '../testing/seeded-random.ts';
import { readKeyFile, sealKey, unsealKey, writeKeyFile } from './key-file.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sotto-key-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('a key comes back with its passphrase only, and every sealing differs', async () => {
  const random = seededRandom('key file');
  const key = random(32);
  const entries = [await sealKey(key, 'one', random), await sealKey(key, undefined, random)];
  writeKeyFile(folder, entries);
  expect(readKeyFile(folder)).toEqual(entries);
  expect(await unsealKey(entries[0]!, 'one')).toEqual(key);
  expect(await unsealKey(entries[0]!, 'two')).toBeNull();
  expect(await unsealKey(entries[0]!, undefined)).toBeNull();
  expect(await unsealKey(entries[1]!, 'anything')).toEqual(Buffer.from(key));
  expect(await sealKey(key, 'one', random)).not.toEqual(entries[0]);
});

test('anything else in the file is damage, however it looks', () => {
  const costly = { kind: 'passphrase', salt: '00'.repeat(16), nonce: '00'.repeat(24), box: '00'.repeat(48) };
  const cost = fc.record({ memory: fc.integer(), passes: fc.integer(), parallelism: fc.integer() });
  const nearly = fc.oneof(
    fc.json(),
    fc.string(),
    fc.json().map((keys) => `{"sottoProfile":1,"keys":${keys}}`),
    fc
      .record({ kind: fc.constant('plain'), key: fc.string() })
      .map((entry) => JSON.stringify({ sottoProfile: 1, keys: [entry] })),
    cost
      .filter(
        ({ memory, passes, parallelism }) =>
          memory > 1_048_576 || passes > 16 || parallelism > 16 || Math.min(memory, passes, parallelism) < 1,
      )
      .map((values) => JSON.stringify({ sottoProfile: 1, keys: [{ ...costly, ...values }] })),
  );
  fc.assert(
    fc.property(nearly, (text) => {
      writeFileSync(join(folder, 'profile.key'), text);
      expect(() => readKeyFile(folder)).toThrow(EngineError);
    }),
  );
});
