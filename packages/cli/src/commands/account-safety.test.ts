import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { createAuthorityKey, serializeNetworkFile } from '@sotto/directory';
import { bytesToHex } from '@sotto/wire/bytes';
import { afterAll, beforeAll, expect, test } from 'vitest';

let folder: string;
/** Options of a profile on a network that nobody runs. */
let place: string[];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sotto-account-'));
  const { publicKey } = await createAuthorityKey(folder);
  const url = 'https://127.0.0.1:1';
  const network = {
    sotto: 1,
    name: 'Nobody',
    created: 1,
    authorities: [{ key: bytesToHex(publicKey), urls: [url] }],
    threshold: 1,
    seeds: [url],
    parameters: { swarmMin: 3, swarmIdeal: 3, swarmMargin: 0, relays: 3, join: 'listed', oneSite: true },
    communities: [],
  } as const;
  writeFileSync(join(folder, 'network.sotto'), serializeNetworkFile(network));
  place = ['--data', folder, '--network', join(folder, 'network.sotto')];
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function sotto(words: readonly string[], input = '') {
  const program = join(import.meta.dirname, '../main.ts');
  const child = spawn(process.execPath, [program, 'account', ...words, ...place]);
  const ended = once(child, 'exit');
  child.stdin.end(input);
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { code: code as number | null, out, err };
}

test('an account is backed up, restored elsewhere, checked and repaired; each failure says what to do', async () => {
  const [accountId, phrase] = (await sotto(['create', '--name', 'Ada'])).out.trim().split('\n');
  const file = join(folder, 'ada.backup');
  expect((await sotto(['backup', file], '')).err).toContain('needs a passphrase');
  expect(existsSync(file)).toBe(false);
  expect(await sotto(['backup', file], 'of the backup\n')).toMatchObject({ code: 0, out: `${file}\n` });
  expect((await sotto(['backup', file], 'x')).err).toContain('There is a file');

  const restore = ['restore-backup', file, '--profile', 'copy'];
  expect((await sotto(restore, 'another')).err).toContain('not the passphrase');
  const short = join(folder, 'short.backup');
  writeFileSync(short, readFileSync(file).subarray(0, 50_000));
  expect((await sotto(['restore-backup', short, '--profile', 'copy'], 'of the backup')).err).toContain(
    'Nothing was restored',
  );
  expect(readdirSync(join(folder, 'profiles'))).toEqual(['person-1']);
  expect(await sotto(restore, 'of the backup')).toMatchObject({ code: 0, out: `${accountId}\n` });
  expect((await sotto(['show', '--phrase', '--profile', 'copy'])).out).toContain(phrase);

  expect(await sotto(['check'])).toMatchObject({ code: 0, out: 'The database is whole.\n' });
  const database = join(folder, 'profiles', 'copy', 'profile.db');
  writeFileSync(database, readFileSync(database).fill(0, 0, 9000));
  const repaired = await sotto(['check', '--profile', 'copy']);
  expect(repaired).toMatchObject({ code: 0, err: expect.stringContaining('It was damaged and was repaired') });
  expect((await sotto(['show', '--profile', 'copy'])).out).toContain(accountId);

  const export_ = ['export', accountId!, '--to', join(folder, 'page')];
  expect((await sotto(export_)).err).toContain('There is no conversation');
}, 120_000);
