import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { keepPort, lastPort } from './last-port.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sotto-last-port-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('a port is kept with the profile, which need not be there yet', async () => {
  const profile = join(folder, 'person-1');
  expect(await lastPort(profile)).toBe(0);
  await keepPort(profile, 40_001);
  expect(await lastPort(profile)).toBe(40_001);
});

test.each(['', '0', '70000', '-1', '80 80', '040001', 'port'])('“%s” is no port', async (text) => {
  writeFileSync(join(folder, 'port'), text);
  expect(await lastPort(folder)).toBe(0);
});

test('where nothing can be kept, nothing fails', async () => {
  writeFileSync(join(folder, 'file'), '');
  await keepPort(join(folder, 'file'), 40_001);
  expect(await lastPort(join(folder, 'file'))).toBe(0);
});
