import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { AccountTable } from '../store/account-table.ts';
import { Database } from '../store/database.ts';
import { PLAIN_MESSAGE } from '../store/message-table.ts';
import { ProfileStore } from '../store/profile-store.ts';
import { silentLogger } from '../surroundings.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { WakeUp } from '../wake-up.ts';
import { repairDatabase } from './repair.ts';
import {
  isSnapshotDue,
  removeSnapshot,
  snapshotPath,
  snapshotTime,
  takeSnapshot,
  takeSnapshotAside,
} from './snapshot.ts';
import { keepSnapshots } from './snapshot-keeper.ts';

const KEY = new Uint8Array(32).fill(1);
const US = `05${'aa'.repeat(32)}`;
const BEN = `05${'bb'.repeat(32)}`;
const START = 1_790_000_000_000;
const HOUR = 3_600_000;
const PAGE = 4096;
const NEVER = AbortSignal.any([]);
/** A worker has to start. */
const LONG = 15_000;

let folder: string;
let path: string;
let database: Database;
let store: ProfileStore;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sotto-safety-'));
  path = join(folder, 'profile.db');
  open('create');
  new AccountTable(database).create({ seed16: new Uint8Array(16), name: 'Ada', nameChangedAt: 1, createdAt: 1 });
  database.run('INSERT INTO conversations (id, last_activity_at) VALUES (@BEN, 1)', { BEN });
});

afterEach(() => {
  database.close();
  rmSync(folder, { recursive: true, force: true });
});

function open(mode: 'create' | 'existing'): void {
  database = Database.open(path, KEY, mode);
  store = new ProfileStore(database, US);
}

function add(body: string, sentAt: number, more: object = {}): number {
  const message = { ...PLAIN_MESSAGE, conversationId: BEN, author: BEN, outgoing: false, sentAt, placedAt: sentAt };
  return store.messages.insert({ ...message, body, ...more });
}

function fill(count: number): void {
  database.transaction(() => {
    for (let number = 0; number < count; number++) add(`message ${number} ${'x'.repeat(200)}`, 1000 + number);
  });
}

const bodies = () => database.all('SELECT body FROM messages ORDER BY id').map(({ body }) => String(body).slice(0, 12));
const repair = (now = START) => repairDatabase({ folder, path, files: join(folder, 'files'), key: KEY, now });

/** Writes over some bytes of pages, counted from the beginning or, below zero, from the end. */
function tear(file: string, ...pages: number[]): void {
  const bytes = readFileSync(file);
  const count = Math.floor(bytes.length / PAGE);
  for (const page of pages)
    bytes.fill(0xa5, ((page + count) % count) * PAGE + 100, ((page + count) % count) * PAGE + 900);
  writeFileSync(file, bytes);
}

/** What a snapshot holds. */
function inSnapshot<T>(read: (snapshot: Database) => T): T {
  const snapshot = Database.open(snapshotPath(folder), KEY, 'existing');
  try {
    return read(snapshot);
  } finally {
    snapshot.close();
  }
}

describe('a snapshot', () => {
  test('holds everything, has the same key, is for the owner only, and replaces the one before it', () => {
    fill(10);
    takeSnapshot(database, folder, START);
    add('later', 5000);
    takeSnapshot(database, folder, START + HOUR);
    expect(snapshotTime(folder)).toBe(START + HOUR);
    expect(inSnapshot((snapshot) => snapshot.get('SELECT count(*) AS n FROM messages')?.n)).toBe(11);
    expect(readFileSync(snapshotPath(folder)).includes('message')).toBe(false);
    if (process.platform !== 'win32') expect(statSync(snapshotPath(folder)).mode & 0o777).toBe(0o600);
    expect(existsSync(join(folder, 'snapshot.new'))).toBe(false);
  });

  test('never holds messages that disappear, and those nobody has read may come again', () => {
    const disappearing = { mode: 'after-read', seconds: 60 } as const;
    add('stays', 1, { hash: 'a' });
    add('clock runs', 2, { disappearing, expiresAt: 9e12, hash: 'b' });
    add('unread', 3, { disappearing, hash: 'c' });
    add('not sent yet', 4, { author: US, outgoing: true, delivery: 'waiting', disappearing });
    for (const hash of ['a', 'b', 'c']) store.seen.add({ namespace: 0, hash, expiresAt: 9e12, isNoise: false }, 0);
    takeSnapshot(database, folder, START);
    inSnapshot((snapshot) => {
      expect(snapshot.all('SELECT body FROM messages').map(({ body }) => body)).toEqual(['stays', 'not sent yet']);
      expect(snapshot.all('SELECT hash FROM seen').map(({ hash }) => hash)).toEqual(['a', 'b']);
      expect(new ProfileStore(snapshot, US).search.find({ text: 'unread' })).toEqual([]);
    });
    expect(bodies()).toHaveLength(4);
  });

  test('is due after a day, an hour after something was deleted, when there is none, and when the clock was set back', () => {
    const id = add('secret', 1);
    const isDue = (now: number) => isSnapshotDue(database, folder, now);
    expect(isDue(START)).toBe(true);
    takeSnapshot(database, folder, START);
    expect([1, 23 * HOUR, 24 * HOUR, -1].map((age) => isDue(START + age))).toEqual([false, false, true, true]);
    store.messages.remove(id);
    expect([HOUR - 1, HOUR].map((age) => isDue(START + age))).toEqual([false, true]);
    takeSnapshot(database, folder, START + HOUR);
    expect(isDue(START + 3 * HOUR)).toBe(false);
    store.messages.setContent(add('b', 2), { body: '', quote: null, details: {}, mentionsUs: false }, null, true);
    expect(isDue(START + 3 * HOUR)).toBe(true);
    removeSnapshot(folder);
    expect(isDue(START + HOUR)).toBe(true);
  });

  test('is taken while the engine runs, and a failure is not the end', async () => {
    const clock = new ManualClock(START);
    const stop = new AbortController();
    const warned = vi.fn();
    const log = { ...silentLogger, warn: warned };
    const keeping = keepSnapshots({ database, folder, clock, log, wakeUp: new WakeUp() }, stop.signal);
    await clock.advance(HOUR);
    await vi.waitFor(() => expect(snapshotTime(folder)).toBeGreaterThan(START), LONG);
    const first = snapshotTime(folder)!;
    database.script('PRAGMA query_only = ON');
    await clock.advance(24 * HOUR);
    await vi.waitFor(() => expect(warned).toHaveBeenCalled(), LONG);
    database.script('PRAGMA query_only = OFF');
    await clock.advance(HOUR);
    await vi.waitFor(() => expect(snapshotTime(folder)).toBeGreaterThan(first + 24 * HOUR), LONG);
    stop.abort();
    await keeping;
  });
});

describe('a snapshot beside other work', () => {
  const leftovers = () => readdirSync(folder).filter((name) => name.startsWith('snapshot.new'));
  /** Does something once the next copying of the file has begun. */
  const aroundCopying = (work: (copying: Promise<void>) => Promise<void>) => {
    const copyFile = database.copyFile.bind(database);
    database.copyFile = (path, signal) => {
      database.copyFile = copyFile;
      return work(copyFile(path, signal));
    };
  };

  test('holds what was there when it began, and what is deleted meanwhile makes it stale', async () => {
    fill(500);
    const old = add('deleted before', 5000);
    const meanwhile = add('deleted meanwhile', 5001);
    takeSnapshot(database, folder, START);
    store.messages.remove(old);
    aroundCopying(async (copying) => {
      store.messages.remove(meanwhile);
      add('later', 6000);
      await copying;
    });
    await takeSnapshotAside(database, folder, START + HOUR, NEVER);
    const inside = inSnapshot((snapshot) => snapshot.all('SELECT body FROM messages WHERE sent_at >= 5000'));
    expect(inside.map(({ body }) => body)).toEqual(['deleted meanwhile']);
    expect(isSnapshotDue(database, folder, START + 2 * HOUR)).toBe(true);
    await takeSnapshotAside(database, folder, START + 2 * HOUR, NEVER);
    expect(isSnapshotDue(database, folder, START + 4 * HOUR)).toBe(false);
    expect(leftovers()).toEqual([]);
    expect(bodies().at(-1)).toBe('later');
    // What waited in the log gets into the file afterwards, and is there after a crash.
    database.close();
    open('existing');
    expect(bodies()).toHaveLength(501);
  });

  test('leaves out messages that disappear', async () => {
    add('stays', 1);
    add('disappears', 2, { disappearing: { mode: 'after-send', seconds: 60 }, expiresAt: 9e12 });
    await takeSnapshotAside(database, folder, START, NEVER);
    expect(inSnapshot((snapshot) => snapshot.all('SELECT body FROM messages'))).toEqual([{ body: 'stays' }]);
  });

  test('of a database that is torn is given up, and the old one stays', async () => {
    fill(300);
    takeSnapshot(database, folder, START);
    database.script('PRAGMA wal_checkpoint(TRUNCATE)');
    tear(path, 20);
    await expect(takeSnapshotAside(database, folder, START + HOUR, NEVER)).rejects.toMatchObject({
      code: 'profile-damaged',
    });
    expect(snapshotTime(folder)).toBe(START);
    expect(leftovers()).toEqual([]);
    expect(inSnapshot((snapshot) => snapshot.get('SELECT count(*) AS n FROM messages')?.n)).toBe(300);
  });

  test.each(['while it is copied', 'when it was copied'])('is given up %s if the engine closes', async (when) => {
    fill(500);
    const stop = new AbortController();
    aroundCopying(async (copying) => {
      if (when === 'while it is copied') stop.abort();
      await copying;
      stop.abort();
    });
    await expect(takeSnapshotAside(database, folder, START, stop.signal)).rejects.toMatchObject({ code: 'closed' });
    expect(leftovers()).toEqual([]);
    expect(snapshotTime(folder)).toBeNull();
  });

  test('is not read any more by a worker that begins when the engine closes', async () => {
    fill(300);
    database.script('PRAGMA wal_checkpoint(TRUNCATE)');
    // To read it would tell so.
    tear(path, 20);
    const stop = new AbortController();
    aroundCopying(async (copying) => {
      await copying;
      stop.abort();
    });
    await expect(takeSnapshotAside(database, folder, START, stop.signal)).rejects.toMatchObject({ code: 'closed' });
  });

  test('that cannot begin leaves the log to be written into the file as before', async () => {
    fill(10);
    rmSync(path);
    await expect(takeSnapshotAside(database, folder, START, NEVER)).rejects.toThrow('ENOENT');
    expect(database.get('PRAGMA wal_autocheckpoint')).toEqual({ wal_autocheckpoint: 1000 });
  });

  test('has the key that the database has then', async () => {
    fill(100);
    const next = new Uint8Array(32).fill(2);
    const taking = takeSnapshotAside(database, folder, START, NEVER);
    await database.inTurn(async () => {
      removeSnapshot(folder);
      database.changeKey(KEY, next);
    });
    await taking;
    expect(snapshotTime(folder)).toBeNull();
    await takeSnapshotAside(database, folder, START, NEVER);
    Database.open(snapshotPath(folder), next, 'existing').close();
  });

  test('does not let another process in', async () => {
    await takeSnapshotAside(database, folder, START, NEVER);
    const module = new URL('../store/database.ts', import.meta.url).href;
    const program = `const { Database } = await import('${module}');
      try { Database.open(process.argv[1], new Uint8Array(32).fill(1), 'existing'); console.log('open'); }
      catch (error) { console.log(error.code); }`;
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', program, path], { encoding: 'utf8' });
    expect(stdout.trim()).toBe('profile-in-use');
  });
});

describe('a repair', () => {
  test('keeps all of the content if only an index is torn, even without a snapshot', () => {
    fill(500);
    store.cursors.set('node', US, 0, 'hash', 9e12);
    const root = database.get(`SELECT rootpage FROM sqlite_schema WHERE name = 'cursors'`)?.rootpage as number;
    database.close();
    tear(path, root - 1);
    expect(() => Database.open(path, KEY, 'existing')).toThrow(expect.objectContaining({ code: 'profile-damaged' }));
    expect(repair()).toBe(true);
    open('existing');
    expect(bodies()).toHaveLength(500);
    expect(store.search.find({ text: 'message 7' })[0]?.message.body).toContain('message 7');
    expect(store.safety.repair()).toEqual({ at: START, copyFrom: null });
    expect(store.cursors.get('node', US, 0)).toBe('');
    expect(add('new', 9000)).toBe(501);
  });

  test.each([
    ['the first page', [0]],
    ['pages in the middle', [10, 30, 50]],
    ['the last page', [-1, -3]],
  ])('goes back to the snapshot if %s is torn; what was deleted since stays deleted', (_, pages) => {
    fill(300);
    takeSnapshot(database, folder, START);
    for (let number = 0; number < 3; number++) {
      const message = store.messages.find({ author: BEN, sentAt: 1000 + number })!;
      store.tombstones.addGone({ author: BEN, sentAt: message.sentAt! });
      store.messages.remove(message.id);
    }
    add('after the snapshot', 9000);
    database.close();
    tear(path, ...pages);
    expect(repair(START + HOUR)).toBe(true);
    open('existing');
    const { copyFrom } = store.safety.repair()!;
    if (copyFrom === null) expect(bodies()).toHaveLength(298);
    else expect(bodies().length).toBe(pages[0] === 0 ? 300 : 297);
    database.checkWholly();
  });

  test('without a snapshot leaves what cannot be read as it is', () => {
    fill(300);
    database.close();
    tear(path, 0);
    const before = readFileSync(path);
    expect(repair()).toBe(false);
    expect(readFileSync(path).equals(before)).toBe(true);
    expect(existsSync(`${path}.repaired`)).toBe(false);
    rmSync(path);
    open('create');
  });

  test('a missing database comes back from the snapshot', () => {
    fill(5);
    takeSnapshot(database, folder, START);
    database.close();
    rmSync(path);
    expect(repair()).toBe(true);
    open('existing');
    expect(bodies()).toHaveLength(5);
  });

  test('files that are not there are forgotten, to be loaded again', () => {
    const message = add('with a file', 1);
    database.run(`INSERT INTO blobs (name, key, size) VALUES ('gone', x'00', 1)`);
    const values = { message, blob: 'gone' };
    database.run(
      `INSERT INTO attachments (message, position, is_preview, content_type, size, is_voice, blob) VALUES (@message, 0, 0, 'a/b', 1, 0, @blob)`,
      values,
    );
    takeSnapshot(database, folder, START);
    database.close();
    tear(path, 0);
    expect(repair()).toBe(true);
    open('existing');
    expect(store.attachments.of(message)[0]).toMatchObject({ blob: null });
  });

  test('is refused while somebody else repairs', () => {
    takeSnapshot(database, folder, START);
    database.close();
    tear(path, 0);
    const other = Database.open(snapshotPath(folder), KEY, 'existing');
    expect(() => repair()).toThrow(expect.objectContaining({ code: 'profile-in-use' }));
    other.close();
    expect(repair()).toBe(true);
    open('existing');
  });
});

test('a torn log loses at most what was not made sure of, and never the rest', () => {
  fill(200);
  database.close();
  open('existing');
  for (let number = 0; number < 30; number++) add(`in the log ${number}`, 50_000 + number);
  const [main, log] = [readFileSync(path), readFileSync(`${path}-wal`)];
  database.close();
  for (const at of [40, 5000, Math.floor(log.length / 2), log.length - 2000]) {
    const torn = Buffer.from(log);
    torn.fill(0x5a, at, at + 300);
    writeFileSync(path, main);
    writeFileSync(`${path}-wal`, torn);
    open('existing');
    expect(bodies().length).toBeGreaterThanOrEqual(200);
    expect(bodies().slice(200)).toEqual(
      Array.from({ length: bodies().length - 200 }, (_, n) => `in the log ${n}`.slice(0, 12)),
    );
    database.close();
  }
  open('existing');
});
