import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from 'vitest';

const PROGRAM = join(import.meta.dirname, '../main.ts');
const LIMIT = 60_000;

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sotto-operations-'));
  const authority = { key: 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a', urls: [] };
  const parameters = { swarmMin: 1, swarmIdeal: 1, relays: 3, join: 'listed' };
  const network = { sotto: 1, name: 'Test', created: 1, authorities: [authority], threshold: 1, parameters };
  writeFileSync(join(folder, 'test.sotto'), JSON.stringify(network));
  writeFileSync(
    join(folder, 'node.toml'),
    'folder = "node"\nnetwork = "test.sotto"\nhttps-port = 0\nomq-port = 0\nmetrics-port = 0\n',
  );
  writeFileSync(join(folder, 'passphrase'), 'a good passphrase\n');
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (...words: string[]) =>
  spawnSync(process.execPath, [PROGRAM, 'node', ...words], { cwd: folder, encoding: 'utf8' });

test(
  'a node of a config file runs confined, tells how it fares, and its keys can be had back',
  async () => {
    expect(run('status', '--config', 'node.toml')).toMatchObject({ status: 1, stdout: '' });
    const child = spawn(process.execPath, [PROGRAM, 'node', '--config', 'node.toml', '--log-level', 'error'], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NODE_OPTIONS: '--trace-deprecation' },
    });
    const ended = once(child, 'exit');
    const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
    const listening = JSON.parse(line);
    expect(listening).toMatchObject({ event: 'listening', host: '127.0.0.1', metricsPort: expect.any(Number) });
    if (process.platform === 'linux') {
      const words = readFileSync(`/proc/${child.pid}/cmdline`, 'utf8').split('\0');
      expect(words).toContain('--permission');
      expect(words).toContain('--disable-sigusr1');
    }

    const table = run('status', '--config', 'node.toml').stdout;
    expect(table).toContain('does not serve: ');
    expect(table).toContain(listening.ed25519);
    const status = JSON.parse(run('status', '--folder', 'node', '--json').stdout);
    expect(status).toMatchObject({ ed25519: listening.ed25519, httpsPort: listening.httpsPort, swarm: null });
    const metrics = await fetch(`http://127.0.0.1:${listening.metricsPort}/metrics`);
    expect(await metrics.text()).toContain('sotto_node_in_swarm 0');

    const backup = run('backup', 'keys.json', '--config', 'node.toml', '--passphrase-file', 'passphrase');
    expect(JSON.parse(backup.stdout)).toEqual({ event: 'backed-up', file: 'keys.json' });
    if (process.platform !== 'win32') expect(statSync(join(folder, 'keys.json')).mode & 0o777).toBe(0o600);
    const restored = run('restore', 'keys.json', '--folder', 'other', '--passphrase-file', 'passphrase');
    expect(JSON.parse(restored.stdout)).toEqual({ event: 'restored', ed25519: listening.ed25519 });

    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    expect(existsSync(join(folder, 'node/control.sock'))).toBe(false);
  },
  LIMIT,
);

test(
  'backups are not written over, short passphrases and wrong ones are refused',
  () => {
    writeFileSync(join(folder, 'short'), 'short\n');
    writeFileSync(join(folder, 'wrong'), 'another passphrase\n');
    expect(run('backup', 'keys.json', '--folder', 'node', '--passphrase-file', 'passphrase').stderr).toContain(
      'keys.json exists already',
    );
    expect(run('backup', 'new.json', '--folder', 'node', '--passphrase-file', 'short').stderr).toContain(
      'at least 8 characters',
    );
    expect(run('backup', 'new.json', '--folder', 'none', '--passphrase-file', 'passphrase').stderr).toContain(
      'holds no keys',
    );
    const wrong = run('restore', 'keys.json', '--folder', 'third', '--passphrase-file', 'wrong');
    expect(wrong).toMatchObject({ status: 1, stdout: '' });
    expect(wrong.stderr).toContain('does not open this backup');
    expect(run('restore', 'test.sotto', '--folder', 'third', '--passphrase-file', 'wrong').stderr).toContain('no');
    expect(run('restore', 'keys.json', '--folder', 'other', '--passphrase-file', 'passphrase').stderr).toContain(
      'already',
    );
    expect(existsSync(join(folder, 'new.json'))).toBe(false);
  },
  LIMIT,
);
