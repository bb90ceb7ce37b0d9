import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseNetworkLink } from '@sotto/directory';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runCommandLine } from '../command-line.ts';
import { readAnyNetworkFile } from '../network-file.ts';
import { captureOutput } from '../testing/captured-output.ts';

let folder: string;
const output = captureOutput();

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sotto-chain-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** A chain whose only seed nobody runs. */
function chainFile(): string {
  const path = join(folder, 'chain.sotto');
  const seeds = [{ url: 'http://127.0.0.1:1', unverified: true }];
  writeFileSync(path, JSON.stringify({ sotto: 1, name: 'Chain', chain: { id: 'test', seeds } }));
  return path;
}

test('tells where the first list comes from, and that nobody gives one', async () => {
  expect(await runCommandLine(['network', 'show', chainFile()])).toBe(1);
  expect(output.out).toContain("Nodes are listed by the network's own chain; the first list comes from 1 seed server:");
  expect(output.out).toContain('http://127.0.0.1:1  not verified');
  expect(output.err).toContain('No seed server');
  output.clear();
  expect(await runCommandLine(['network', 'show', chainFile(), '--json'])).toBe(1);
  expect(JSON.parse(output.out)).toMatchObject({ name: 'Chain', chain: { id: 'test' }, list: null, fileServers: [] });
});

test('the public network goes by its name, and becomes a link', async () => {
  expect(readAnyNetworkFile('session')).toMatchObject({ name: 'Session', chain: { id: 'session' } });
  expect(await runCommandLine(['network', 'link', 'session', '--json'])).toBe(0);
  expect(parseNetworkLink(JSON.parse(output.out).link)).toEqual(readAnyNetworkFile('session'));
});

test.each([
  ['node', '--folder', 'DIR', '--network'],
  ['network', 'seeds'],
  ['node', 'join'],
])('%s %s … needs authorities', async (...words) => {
  expect(
    await runCommandLine([...words.map((word) => (word === 'DIR' ? join(folder, 'node') : word)), chainFile()]),
  ).toBe(1);
  expect(output.err).toContain('listed by its own chain');
});
