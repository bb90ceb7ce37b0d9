import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { loadVectors } from './index.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sotto-vectors-'));
  vi.stubEnv('SOTTO_VECTORS', folder);
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

test('the folder that the variable names is read; an empty variable names none', () => {
  writeFileSync(join(folder, 'account.json'), '{"cases":[1]}');
  expect(loadVectors('account')).toEqual({ cases: [1] });
  vi.stubEnv('SOTTO_VECTORS', '');
  expect(loadVectors('account').cases.length).toBeGreaterThan(1);
});

test('a file that is missing, no JSON or without cases is named', () => {
  expect(() => loadVectors('onion')).toThrow(`${join(folder, 'onion.json')}: ENOENT`);
  for (const text of ['{', '[]', 'null', '{"vectors":[]}']) {
    writeFileSync(join(folder, 'onion.json'), text);
    expect(() => loadVectors('onion'), text).toThrow(join(folder, 'onion.json'));
  }
});
