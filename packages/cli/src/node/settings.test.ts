import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { gatherSettings } from './config-file.ts';
import { processOptions } from './node-options.ts';
import { settingOptions } from './settings.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sotto-settings-'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function config(text: string): string {
  const path = join(folder, 'node.toml');
  writeFileSync(path, text);
  return path;
}

const refused = (sentence: string) => expect.objectContaining({ message: expect.stringContaining(sentence) });

test('options go before the environment, and that before the file; its paths start where it lies', () => {
  const path = config(`
    # What a node is told
    folder = "data"
    network = "sotto:network/abc"
    https-port = 1
    omq-port = 2
    metrics-port = 3
    force-start = true
    stats-key = ["a", "b"]
  `);
  const environment = { SOTTO_NODE_CONFIG: path, SOTTO_NODE_OMQ_PORT: '20', SOTTO_NODE_METRICS_PORT: '30', HOME: '/x' };
  expect(gatherSettings({ 'metrics-port': 300, _: ['node'] }, environment)).toEqual({
    folder: join(folder, 'data'),
    network: 'sotto:network/abc',
    'https-port': 1,
    'omq-port': 20,
    'metrics-port': 300,
    'force-start': true,
    'stats-key': ['a', 'b'],
  });
  expect(gatherSettings({ config: config('host = "::1"'), folder: 'here' }, { SOTTO_NODE_CONFIG: 'nowhere' })).toEqual({
    host: '::1',
    folder: resolve('here'),
  });
});

test('variables hold lists and truths as text; empty ones are absent', () => {
  const environment = { SOTTO_NODE_OXEND_SEED: 'a, b', SOTTO_NODE_FORCE_START: 'false', SOTTO_NODE_HOST: '' };
  expect(gatherSettings({}, environment)).toEqual({ 'oxend-seed': ['a', 'b'], 'force-start': false });
});

test.each([
  ['htps-port = 1', '"htps-port" in', 'Did you mean https-port?'],
  ['surprise = 1', '"surprise" in', 'is not known.'],
  ['[node]\nhost = "x"', '"node" in', 'is not known.'],
  ['https-port = "1"', 'https-port in', 'takes a whole number from 0 to 65535.'],
  ['https-port = 65536', 'https-port in', 'takes a whole number'],
  ['max-store-mib = 0', 'max-store-mib in', 'takes a whole number from 1'],
  ['log-level = "loud"', 'log-level in', 'takes one of: debug, info'],
  ['stats-key = "a"', 'stats-key in', 'takes a list of texts.'],
  ['force-start = 1', 'force-start in', 'takes true or false.'],
  ['folder = ""', 'folder in', 'takes a text.'],
  ['host = 5', 'host in', 'takes a text.'],
  ['host = = 5', 'is not TOML', 'line 1, column'],
  ['host = "a"\nhost = "b"', 'is not TOML', 'line 2'],
])('the file %j is refused', (text, ...sentences) => {
  for (const sentence of sentences) {
    expect(() => gatherSettings({ config: config(text) }, {})).toThrowError(refused(sentence));
  }
});

test.each([
  [{ SOTTO_NODE_HTTP_PORT: '1' }, 'Did you mean SOTTO_NODE_HTTPS_PORT?'],
  [{ SOTTO_NODE_CONFG: '1' }, 'Did you mean SOTTO_NODE_CONFIG?'],
  [{ SOTTO_NODE_HTTPS_PORT: 'many' }, 'SOTTO_NODE_HTTPS_PORT takes a whole number'],
  [{ SOTTO_NODE_FORCE_START: 'yes' }, 'SOTTO_NODE_FORCE_START takes true or false.'],
  [{ SOTTO_NODE_CONFIG: '/nowhere/node.toml' }, 'Cannot read the config file /nowhere/node.toml (ENOENT).'],
])('the environment %j is refused', (environment, sentence) => {
  expect(() => gatherSettings({}, environment)).toThrowError(refused(sentence));
});

test('every setting is an option', () => {
  const options = settingOptions();
  expect(options['https-port']).toMatchObject({ type: 'number', requiresArg: true, global: false });
  expect(options['force-start']).toMatchObject({ type: 'boolean' });
  expect(options['stats-key']).toMatchObject({ array: true });
});

test('settings become options of the process', async () => {
  const key = 'ab'.repeat(32);
  const given = {
    folder,
    oxend: 'ipc:///x',
    'max-store-mib': 2,
    'stats-key': [key],
    durability: 'process-kill',
  } as const;
  expect(await processOptions(given)).toEqual({
    folder,
    oxend: { address: 'ipc:///x', forceStart: false },
    control: true,
    httpsPort: 22_021,
    omqPort: 22_020,
    logLevel: 'info',
    maxStoreBytes: 2 * 1024 * 1024,
    statsKeys: [key],
    durability: 'process-kill',
  });
  await expect(processOptions({ oxend: 'ipc:///x' })).rejects.toEqual(refused('--folder'));
  await expect(processOptions({ folder, oxend: 'ipc:///x', address: '1.2.3.4' })).rejects.toEqual(refused('--address'));
});
