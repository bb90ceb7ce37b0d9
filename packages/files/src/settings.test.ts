import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createFileServer } from './create-file-server.ts';
import { loadServerKeys } from './server-keys.ts';
import { loadSettings, readSettings } from './settings.ts';
import { startFileServer } from './start-file-server.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sotto-files-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('a file server is made once, with keys for the owner only and settings that can be read', () => {
  const own = join(folder, 'new', 'server');
  const { publicKey, settings } = createFileServer(own, { url: 'http://files.example' });
  expect(loadServerKeys(own)?.publicKey).toBe(publicKey);
  expect(loadSettings(own)).toEqual(settings);
  expect(statSync(join(own, 'files.seed')).mode & 0o777).toBe(0o600);
  expect(readFileSync(join(own, 'files.json'), 'utf8')).not.toContain(publicKey);
  expect(() => createFileServer(own, { url: 'http://files.example' })).toThrow('already');
  rmSync(join(own, 'files.json'));
  expect(createFileServer(own, { url: 'http://files.example' }).publicKey).toBe(publicKey);
});

test.each([
  [{}, 'url'],
  [{ url: 'http://files.example/path' }, 'url'],
  [{ url: 'http://files.example', maxFileBytes: 10_223_617 }, 'maxFileBytes'],
  [{ url: 'http://files.example', lifetime: 0 }, 'lifetime'],
  [{ url: 'http://files.example', unknown: 1 }, ''],
  [{ url: 'http://files.example', store: { kind: 's3', endpoint: 'http://a', bucket: 'A B' } }, 'store.bucket'],
])('settings %o are refused', (given, where) => {
  expect(() => readSettings(given)).toThrow(expect.objectContaining({ code: 'settings' }));
  expect(() => readSettings(given)).toThrow(where);
});

test('what is missing or damaged is said in a sentence', async () => {
  expect(() => loadSettings(folder)).toThrow('sotto files init');
  writeFileSync(join(folder, 'files.json'), '{');
  expect(() => loadSettings(folder)).toThrow('cannot be read');
  const settings = readSettings({ url: 'http://files.example', port: 0 });
  await expect(startFileServer({ folder, settings, logLevel: 'silent' })).rejects.toThrow('sotto files init');
  writeFileSync(join(folder, 'files.seed'), 'short', { mode: 0o600 });
  expect(() => loadServerKeys(folder)).toThrow('damaged');
  chmodSync(join(folder, 'files.seed'), 0o644);
  expect(() => loadServerKeys(folder)).toThrow('chmod 600');
});

test('a taken port, a folder in use and a store without credentials keep it from starting, and nothing runs then', async () => {
  createFileServer(folder, { url: 'http://files.example', port: 0 });
  const first = await startFileServer({ folder, settings: loadSettings(folder), logLevel: 'silent' });
  const settingsOfFirst = loadSettings(folder);
  await expect(startFileServer({ folder, settings: settingsOfFirst, logLevel: 'silent' })).rejects.toThrow(
    'Another process runs the file server',
  );
  const other = join(folder, 'other');
  createFileServer(other, { url: 'http://files.example', port: first.port });
  const start = () => startFileServer({ folder: other, settings: loadSettings(other), logLevel: 'silent' });
  await expect(start()).rejects.toThrow('another program uses it');
  await first.close();
  const second = await start();
  await second.close();
  const s3 = { kind: 's3', endpoint: 'http://127.0.0.1:1', bucket: 'some-bucket' } as const;
  const settings = readSettings({ url: 'http://files.example', port: 0, store: s3 });
  await expect(startFileServer({ folder, settings, logLevel: 'silent', environment: {} })).rejects.toThrow('AWS_');
});
