import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AuthorityFolder } from '@sotto/authority';
import {
  assembleSuccession,
  inviteBytes,
  networkId,
  parseNetworkFile,
  parseNetworkLink,
  readSuccession,
  verifyInvite,
} from '@sotto/directory';
import { bytesToHex, hexToBytes } from '@sotto/wire/bytes';
import { blake2b } from '@sotto/wire/crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runCommandLine } from '../command-line.ts';
import { captureOutput } from '../testing/captured-output.ts';

let folder: string;
const output = captureOutput();

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sotto-network-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

const at = (name: string) => join(folder, name);

/** Runs `sotto network …`; gives its exit code. */
function network(...words: string[]): Promise<number> {
  output.clear();
  return runCommandLine(['network', ...words]);
}

const printed = () => JSON.parse(output.out.trim().split('\n').at(-1)!);

async function create(...more: string[]): Promise<string> {
  const url = 'https://127.0.0.1:17001';
  expect(await network('create', 'Field desk', '--folder', at('a'), '--url', url, '--file', at('f'), ...more)).toBe(0);
  return at('f');
}

describe('create', () => {
  test('makes a key for its owner alone and a network file', async () => {
    await create('--json');
    const file = parseNetworkFile(readFileSync(at('f'), 'utf8'));
    expect(printed()).toMatchObject({ file: at('f'), id: bytesToHex(networkId(file)), threshold: 1 });
    expect(file).toMatchObject({ name: 'Field desk', threshold: 1, parameters: { join: 'invite', swarmIdeal: 5 } });
    expect(file.authorities).toEqual([{ key: printed().key, urls: ['https://127.0.0.1:17001'] }]);
    expect(statSync(at('a/authority.key')).mode & 0o777).toBe(0o600);
  });

  test('with further authorities needs more than half of them', async () => {
    const others: string[] = [];
    for (const name of ['b', 'c']) {
      expect(await network('key', '--folder', at(name), '--url', 'https://127.0.0.1:17002')).toBe(0);
      others.push(output.out.trim());
    }
    await create('--with', others.join(','));
    const file = parseNetworkFile(readFileSync(at('f'), 'utf8'));
    expect([file.authorities.length, file.threshold]).toEqual([3, 2]);
    expect(file.authorities.slice(1).map(({ key, urls }) => `${key}@${urls[0]}`)).toEqual(others);
  });

  test.each([
    [['--url', 'http://127.0.0.1'], '--url takes an address of the form https://host:port'],
    [['--url', 'https://h:1', '--with', 'rubbish'], '"rubbish" does not name an authority'],
    [['--url', 'https://h:1', '--threshold', '2'], '--threshold takes a whole number from 1 to 1'],
    [['--url', 'https://h:1', '--swarm-ideal', '2'], '--swarm-ideal takes a whole number from 3 to 100'],
    [[], 'Missing required argument: url'],
  ])('%j is refused with one sentence', async (words, sentence) => {
    expect(await network('create', 'x', '--folder', at('a'), '--file', at('f'), ...words)).toBe(2);
    expect(output.err).toContain(sentence);
    expect(output.err.trim().split('\n')).toHaveLength(1);
  });

  test('overwrites nothing', async () => {
    await create();
    const again = ['create', 'x', '--folder', at('a'), '--url', 'https://h:1', '--file', at('f')];
    expect(await network(...again)).toBe(1);
    expect(output.err).toContain('exists already');
  });
});

test('invites are made by the authority in the folder', async () => {
  const path = await create('--json');
  const { key, id } = printed();
  expect(await network('invite', '--network', path, '--folder', at('a'), '--count', '2', '--json')).toBe(0);
  const codes = output.out
    .trim()
    .split('\n')
    .map((line) => inviteBytes(JSON.parse(line).code));
  const ids = codes.map((code) => bytesToHex(verifyInvite(code, hexToBytes(id), [hexToBytes(key)]).id));
  expect(new Set(ids).size).toBe(2);
  expect(await network('invite', '--network', path, '--folder', at('a'), '--qr')).toBe(0);
  expect(output.err).toMatch(/[▀▄█]/);
  expect(output.out.trim()).toMatch(/^[\w-]{122}$/);
  expect(await network('invite', '--network', path, '--folder', at('nowhere'))).toBe(1);
  expect(output.err).toContain('authority.key');
});

describe('a change of who decides', () => {
  test('is agreed to by the same command at each authority', async () => {
    await network('key', '--folder', at('b'), '--url', 'https://127.0.0.1:17002');
    const second = output.out.trim();
    const path = await create('--with', second, '--threshold', '2');
    await network('key', '--folder', at('c'), '--url', 'https://127.0.0.1:17003');
    const third = output.out.trim();
    const dicts: string[] = [];
    for (const name of ['a', 'b']) {
      expect(await network('authority', 'add', third, '--network', path, '--folder', at(name), '--json')).toBe(0);
      expect(printed()).toMatchObject({ number: 1, threshold: 2, needed: 2 });
      dicts.push(bytesToHex((await new AuthorityFolder(at(name)).proposal())!.dict));
    }
    expect(dicts[0]).toBe(dicts[1]);
    const own = ['--network', path, '--folder', at('a')];
    expect(await network('authority', 'remove', third.slice(0, 10), ...own)).toBe(0);
    expect(output.err).toContain('no change any more');
    expect(await new AuthorityFolder(at('a')).proposal()).toBeNull();
    expect(await network('authority', 'remove', second.slice(0, 10), ...own)).toBe(1);
    expect(output.err).toContain('--threshold N');
    expect(await network('authority', 'replace', second.slice(0, 10), third, ...own, '--json')).toBe(0);
    expect(printed()).toMatchObject({ number: 1, threshold: 2 });
    const keysNow = printed().authorities.map(({ key }: { key: string }) => key);
    expect(keysNow).toContain(third.slice(0, 64));
    expect(keysNow).not.toContain(second.slice(0, 64));
    expect(await network('authority', 'replace', second.slice(0, 10), printed().authorities[0].key, ...own)).toBe(2);
    expect(await network('authority', 'remove', 'abcdef99', ...own)).toBe(1);
    expect(output.err).toContain('No authority, or more than one');
    expect(await network('authority', 'add', second, '--network', path, '--folder', at('c'))).toBe(1);
    expect(output.err).toContain('does not decide');
    expect(await network('authority', '--network', path, '--folder', at('c'))).toBe(2);
    expect(output.err).toContain('--port P');
  });

  test('may be several that take effect together, in whatever order they are agreed to', async () => {
    const lines: string[] = [];
    for (const name of ['b', 'c', 'd']) {
      await network('key', '--folder', at(name), '--url', `https://127.0.0.1:${17_002 + lines.length}`);
      lines.push(output.out.trim());
    }
    const [second, third, fourth] = lines as [string, string, string];
    const path = await create('--with', second, '--threshold', '2');
    const agree = async (name: string, ...words: string[]) => {
      expect(await network('authority', ...words, '--network', path, '--folder', at(name))).toBe(0);
    };
    await agree('a', 'add', third);
    await agree('a', 'add', fourth, '--threshold', '3');
    expect(output.err).toContain('together with what it had agreed to before');
    await agree('a', 'remove', second.slice(0, 8));
    await agree('b', 'add', fourth);
    await agree('b', 'replace', second.slice(0, 8), third, '--threshold', '3');
    const [a, b] = await Promise.all(['a', 'b'].map(async (name) => (await new AuthorityFolder(at(name)).proposal())!));
    expect(bytesToHex(a!.dict)).toBe(bytesToHex(b!.dict));
    const { authorities, threshold } = readSuccession(assembleSuccession(a!.dict, [])).succession;
    expect([authorities.length, threshold]).toEqual([3, 3]);
  });
});

test('the lists of an authority are kept', async () => {
  mkdirSync(at('a'));
  const keys = ['ab'.repeat(32), 'cd'.repeat(32)];
  expect(await network('admit', ...keys, '--folder', at('a'), '--json')).toBe(0);
  expect(printed()).toEqual({ list: 'admitted', keys });
  expect(await network('admit', keys[0]!.toUpperCase(), '--undo', '--folder', at('a'), '--json')).toBe(0);
  expect(printed()).toEqual({ list: 'admitted', keys: [keys[1]] });
  expect(await network('refuse', keys[0]!, '--folder', at('a'))).toBe(0);
  expect(await new AuthorityFolder(at('a')).lists()).toEqual({
    admitted: new Set([keys[1]]),
    refused: new Set([keys[0]]),
  });
  expect(await network('admit', 'short', '--folder', at('a'))).toBe(2);
});

test('seeds may change without changing the network', async () => {
  const path = await create('--json');
  const { id } = printed();
  expect(await network('seeds', path, 'https://10.0.0.1:22021', 'https://10.0.1.1:22021', '--json')).toBe(0);
  const file = parseNetworkFile(readFileSync(path, 'utf8'));
  expect(file.seeds).toEqual(['https://10.0.0.1:22021', 'https://10.0.1.1:22021']);
  expect(bytesToHex(networkId(file))).toBe(id);
});

test('show says so when nobody answers', async () => {
  const path = await create();
  expect(await network('show', path, '--json')).toBe(1);
  expect(printed()).toMatchObject({ name: 'Field desk', directory: null, authorities: [{ answers: false }] });
  expect(output.err).toContain('Nobody whom the network file names');
});

describe('link', () => {
  test('stands for the network file wherever that is read', async () => {
    const path = await create();
    expect(await network('link', path, '--json')).toBe(0);
    const { name, link } = printed();
    expect(name).toBe('Field desk');
    expect(parseNetworkLink(link)).toEqual(parseNetworkFile(readFileSync(path, 'utf8')));
    expect(await network('invite', '--network', link, '--folder', at('a'), '--json')).toBe(0);
    expect(await network('show', link.slice(0, -3), '--json')).toBe(1);
    expect(output.err).toContain('damaged');
    expect(await network('seeds', link, 'https://10.0.0.1:1')).toBe(2);
    expect(output.err).toContain('cannot be changed');
  });

  test('is shown and written as a QR code', async () => {
    const path = await create();
    expect(await network('link', path, '--qr', '--image', at('code.svg'))).toBe(0);
    expect(output.err).toMatch(/[▀▄█]/);
    expect(output.out).toMatch(/^sotto:network\/\w+\n$/);
    expect(readFileSync(at('code.svg'), 'utf8')).toContain('<svg');
    expect(await network('link', path, '--image', at('code.svg'))).toBe(1);
    expect(output.err).toContain('--image');
  });

  test('says so when it is too much for a QR code', async () => {
    const path = await create();
    // Nearly as many bytes as a network file may have, and hardly any that compress.
    const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=:@/?";
    const noise = Array.from({ length: 52 }, (_, index) => blake2b(64, Uint8Array.of(index))).flatMap((bytes) => [
      ...bytes,
    ]);
    const text = noise.map((byte) => letters[byte % letters.length]).join('');
    const communities = text.match(/.{475}/g)!.map((query) => `https://a.example/?${query}`);
    writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), communities }));
    expect(await network('link', path)).toBe(0);
    expect(await network('link', path, '--qr')).toBe(1);
    expect(output.err).toContain('too large');
  });
});
