import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Engine } from '../engine.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { SimulatedNetwork } from '../testing/simulated-network.ts';
import type { ProfileOptions } from './options.ts';
import { createProfile, openProfile, profileState } from './profiles.ts';
import { restoreBackup } from './restore-backup.ts';

const PASSPHRASE = 'a passphrase of the backup';
const PICTURE = Buffer.alloc(150_000, 'not really a picture ');

let root: string;
let clock: ManualClock;
let simulation: SimulatedNetwork;
let engines: Engine[];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sotto-backup-'));
  clock = new ManualClock(1_790_000_000_000);
  simulation = new SimulatedNetwork({ clock });
  engines = [];
});

afterEach(async () => {
  await Promise.all(engines.map((engine) => engine.close()));
  rmSync(root, { recursive: true, force: true });
});

function options(folder: string, more: Partial<ProfileOptions> = {}): ProfileOptions {
  return { folder: join(root, folder), network: simulation.file, transport: simulation.transport(), clock, ...more };
}

async function keep(opening: Promise<Engine>): Promise<Engine> {
  const engine = await opening;
  engines.push(engine);
  return engine;
}

/** A profile with a bit of everything, and its backup. */
async function backedUp(): Promise<{ engine: Engine; backup: Buffer }> {
  const engine = await keep(createProfile({ ...options('alice'), name: 'Alice' }));
  const id = (await engine.openConversation(engine.account().accountId)).id;
  engine.send(id, 'A note about the lighthouse');
  const file = await engine.keepFile(PICTURE);
  engine.send(id, { body: 'with a picture', attachments: [{ file, contentType: 'image/png', fileName: 'x.png' }] });
  engine.saveDraft(id, 'half a thought');
  engine.setSettings({ theme: 'dark' });
  return { engine, backup: await collect(engine) };
}

async function collect(engine: Engine): Promise<Buffer> {
  return await buffer(engine.backUp(PASSPHRASE));
}

async function* piecesOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += 60_000) yield bytes.subarray(start, start + 60_000);
}

const restore = (
  folder: string,
  backup: Uint8Array,
  backupPassphrase = PASSPHRASE,
  more: Partial<ProfileOptions> = {},
) => restoreBackup({ ...options(folder, more), backup: piecesOf(backup), backupPassphrase });
const coded = (code: string) => expect.objectContaining({ name: 'EngineError', code });

test('a backup brings everything to another folder, and takes what is asked of it', async () => {
  const { engine, backup } = await backedUp();
  expect(readdirSync(join(root, 'alice')).filter((name) => name.startsWith('backup-'))).toEqual([]);
  expect(backup.includes('lighthouse')).toBe(false);
  const before = engine.messages(engine.account().accountId).messages;
  const copy = await keep(restore('elsewhere', backup, PASSPHRASE, { passphrase: 'of the profile' }));
  expect(copy.account()).toEqual(engine.account());
  expect(copy.recoveryPhrase()).toBe(engine.recoveryPhrase());
  expect(copy.settings().theme).toBe('dark');
  const ownId = copy.account().accountId;
  expect(copy.conversation(ownId)!.draft).toBe('half a thought');
  expect(copy.messages(ownId).messages.map(({ body, sentAt }) => [body, sentAt])).toEqual(
    before.map(({ body, sentAt }) => [body, sentAt]),
  );
  const [attachment] = copy.messages(ownId).messages.at(-1)!.attachments;
  expect(Buffer.from(await copy.readAttachment(attachment!.id)).equals(PICTURE)).toBe(true);
  expect(copy.search({ text: 'lighthouse' })).toHaveLength(1);
  expect(copy.repair()).toBeNull();
  await copy.close();
  expect(await profileState(join(root, 'elsewhere'))).toBe('locked');
  expect(readdirSync(join(root, 'elsewhere')).sort()).toEqual(['files', 'profile.db', 'profile.key', 'snapshot.db']);
  await expect(openProfile(options('elsewhere', { passphrase: PASSPHRASE }))).rejects.toEqual(
    coded('wrong-passphrase'),
  );
});

test('messages that disappear are not in it', async () => {
  const engine = await keep(createProfile({ ...options('alice'), name: 'Alice' }));
  const ownId = engine.account().accountId;
  engine.openConversation(ownId);
  engine.setDisappearing(ownId, { mode: 'after-send', seconds: 86_400 });
  engine.send(ownId, 'soon gone');
  await clock.until(() => engine.messages(ownId).messages.at(-1)?.delivery === 'stored');
  const copy = await keep(restore('copy', await collect(engine)));
  expect(copy.search({ text: 'soon' })).toEqual([]);
});

test('nothing half-restored remains', async () => {
  const { engine, backup } = await backedUp();
  await clock.until(() => engine.route().state === 'connected');
  const connected = await collect(engine);
  const damaged = Buffer.from(backup);
  damaged[backup.length - 50_000]! ^= 1;
  const attempts: [string, () => Promise<Engine>][] = [
    ['wrong-passphrase', () => restore('b', backup, 'another')],
    ['bad-backup', () => restore('c', damaged)],
    ['bad-backup', () => restore('d', backup.subarray(0, backup.length - 1000))],
    ['bad-backup', () => restore('e', Buffer.from('something else'))],
    ['wrong-passphrase', () => restore('f', backup, PASSPHRASE, { passphrase: '' })],
    ['profile-exists', () => restore('alice', backup)],
    ['bad-network', () => restore('g', connected, PASSPHRASE, { network: { ...simulation.file, created: 99 } })],
  ];
  for (const [code, attempt] of attempts) await expect(attempt()).rejects.toEqual(coded(code));
  expect(readdirSync(root)).toEqual(['alice']);
});

test('what an interrupted restore left is no profile, and the next one takes its place', async () => {
  const { engine, backup } = await backedUp();
  const copy = await keep(restore('copy', backup));
  await copy.close();
  rmSync(join(root, 'copy', 'profile.key'));
  expect(await profileState(join(root, 'copy'))).toBe('missing');
  const again = await keep(restore('copy', backup));
  expect(again.account()).toEqual(engine.account());
});

test('a copy that a crash left behind is removed at the next start', async () => {
  const { engine } = await backedUp();
  await engine.close();
  const left = join(root, 'alice', 'backup-0011223344556677.db');
  writeFileSync(left, 'x');
  await keep(openProfile(options('alice')));
  expect(existsSync(left)).toBe(false);
});

test('an empty passphrase, or a closed engine, is refused', async () => {
  const { engine } = await backedUp();
  await expect(buffer(engine.backUp(''))).rejects.toEqual(coded('wrong-passphrase'));
  await engine.close();
  expect(() => engine.backUp('x')).toThrow(coded('closed'));
});
