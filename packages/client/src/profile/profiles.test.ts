import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Engine } from '../engine.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { SimulatedNetwork } from '../testing/simulated-network.ts';
import type { ProfileOptions } from './options.ts';
import { createProfile, openProfile, profileState, restoreProfile, setPassphrase } from './profiles.ts';

let root: string;
let clock: ManualClock;
let simulation: SimulatedNetwork;
let engines: Engine[];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sotto-profiles-'));
  clock = new ManualClock(1_790_000_000_000);
  simulation = new SimulatedNetwork({ clock });
  engines = [];
});

afterEach(async () => {
  await Promise.all(engines.map((engine) => engine.close()));
  rmSync(root, { recursive: true, force: true });
});

function options(folder = 'alice', more: Partial<ProfileOptions> = {}): ProfileOptions {
  return { folder: join(root, folder), network: simulation.file, transport: simulation.transport(), clock, ...more };
}

async function keep(opening: Promise<Engine>): Promise<Engine> {
  const engine = await opening;
  engines.push(engine);
  return engine;
}

function flipped(bytes: Uint8Array, place: number): Buffer {
  const damaged = Buffer.from(bytes);
  damaged[place]! ^= 0xff;
  return damaged;
}

const coded = (code: string) => expect.objectContaining({ name: 'EngineError', code });

describe('creating and restoring', () => {
  test('a new profile is there after a restart, with the same account', async () => {
    expect(await profileState(join(root, 'alice'))).toBe('missing');
    await expect(openProfile(options())).rejects.toEqual(coded('profile-missing'));
    const engine = await keep(createProfile({ ...options(), name: 'Alice' }));
    const account = engine.account();
    expect(account).toMatchObject({ name: 'Alice', accountId: expect.stringMatching(/^05[0-9a-f]{64}$/) });
    await engine.close();
    expect(await profileState(join(root, 'alice'))).toBe('ready');
    expect((await keep(openProfile(options()))).account()).toEqual(account);
  });

  test('the phrase brings the account back elsewhere; with a name or, at first, without', async () => {
    const engine = await keep(createProfile({ ...options(), name: 'Alice' }));
    const phrase = engine.recoveryPhrase();
    const restored = await keep(restoreProfile({ ...options('phone'), phrase: ` ${phrase.toUpperCase()}\n` }));
    expect(restored.account()).toMatchObject({ accountId: engine.account().accountId, name: '' });
    const named = await keep(restoreProfile({ ...options('tablet'), phrase, name: 'Al' }));
    expect(named.account().name).toBe('Al');
    await expect(restoreProfile({ ...options('x'), phrase: 'one two' })).rejects.toEqual(coded('bad-phrase'));
    expect(await profileState(join(root, 'x'))).toBe('missing');
  });

  test('what cannot be is refused', async () => {
    await keep(createProfile({ ...options(), name: 'Alice' }));
    await expect(createProfile({ ...options(), name: 'Bob' })).rejects.toEqual(coded('profile-exists'));
    await expect(createProfile({ ...options('b'), name: ' ' })).rejects.toEqual(coded('bad-name'));
    await expect(createProfile({ ...options('b'), name: 'x'.repeat(101) })).rejects.toEqual(coded('bad-name'));
    expect(await profileState(join(root, 'b'))).toBe('missing');
  });

  test('what an interrupted creation left behind is overwritten', async () => {
    await (await createProfile({ ...options(), name: 'Alice' })).close();
    rmSync(join(root, 'alice', 'profile.key'));
    expect(await profileState(join(root, 'alice'))).toBe('missing');
    const engine = await keep(createProfile({ ...options(), name: 'Alice again' }));
    expect(engine.account().name).toBe('Alice again');
  });
});

describe('what is on disk', () => {
  test('is readable by its owner only and holds no secret and no text in clear', async () => {
    const engine = await keep(createProfile({ ...options(), name: 'Secret name', passphrase: 'open sesame' }));
    engine.send(engine.account().accountId, 'Secret text');
    const { accountId } = engine.account();
    for (const when of ['open', 'closed']) {
      if (when === 'closed') await engine.close();
      const folder = join(root, 'alice');
      const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
      const all = files.map(({ parentPath, name }) => readFileSync(join(parentPath, name)));
      const content = Buffer.concat(all).toString('latin1');
      for (const secret of ['Secret', accountId, 'open sesame', 'SQLite format']) expect(content).not.toContain(secret);
    }
    if (process.platform !== 'win32') {
      expect(statSync(join(root, 'alice')).mode & 0o077).toBe(0);
      for (const file of ['profile.key', 'profile.db']) {
        expect(statSync(join(root, 'alice', file)).mode & 0o077).toBe(0);
      }
    }
  });

  test('a damaged profile.key is reported as damage', async () => {
    await (await createProfile({ ...options(), name: 'Alice' })).close();
    const path = join(root, 'alice', 'profile.key');
    const bytes = readFileSync(path);
    for (let place = 0; place < bytes.length; place += 7) {
      writeFileSync(path, flipped(bytes, place));
      await expect(openProfile(options())).rejects.toEqual(coded('profile-damaged'));
    }
    truncateSync(path, 20);
    await expect(openProfile(options())).rejects.toEqual(coded('profile-damaged'));
    rmSync(path);
    await expect(openProfile(options())).rejects.toEqual(coded('profile-missing'));
  });

  test('a damaged profile.db is repaired, or else reported as damage', async () => {
    await (await createProfile({ ...options(), name: 'Alice' })).close();
    const path = join(root, 'alice', 'profile.db');
    const snapshot = join(root, 'alice', 'snapshot.db');
    const bytes = readFileSync(path);
    for (let place = 0; place < bytes.length; place += 20_011) {
      rmSync(snapshot, { force: true });
      writeFileSync(path, flipped(bytes, place));
      const opening = openProfile(options());
      const engine = await opening.catch((error) => {
        expect(error).toEqual(coded('profile-damaged'));
        return null;
      });
      if (engine) expect(engine.account().name).toBe('Alice');
      await engine?.close();
    }
    writeFileSync(path, bytes);
    await (await openProfile(options())).close();
    truncateSync(path, 20);
    const repaired = await keep(openProfile(options()));
    expect(repaired.account().name).toBe('Alice');
    expect(repaired.repair()).toEqual({ at: clock.now(), copyFrom: clock.now() });
    repaired.dismissRepair();
    expect(repaired.repair()).toBeNull();
    await repaired.close();
    rmSync(path);
    rmSync(snapshot);
    await expect(openProfile(options())).rejects.toEqual(coded('profile-damaged'));
  });
});

describe('one engine at a time', () => {
  test('in the same process', async () => {
    const engine = await keep(createProfile({ ...options(), name: 'Alice' }));
    await expect(openProfile(options())).rejects.toEqual(coded('profile-in-use'));
    await engine.close();
    await keep(openProfile(options()));
  });

  test('in another process, until that one dies, however it dies', async () => {
    await (await createProfile({ ...options(), name: 'Alice' })).close();
    const script = `
      const { openProfile } = await import(${JSON.stringify(new URL('./profiles.ts', import.meta.url).href)});
      await openProfile(${JSON.stringify({ folder: join(root, 'alice'), network: { ...simulation.file, seeds: [], authorities: simulation.file.authorities.map((a) => ({ ...a, urls: [] })) } })});
      console.log('open');
      setInterval(() => {}, 1000);`;
    const other = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = new Promise((resolve) => other.once('exit', resolve));
    try {
      await new Promise((resolve) => other.stdout.once('data', resolve));
      await expect(openProfile(options())).rejects.toEqual(coded('profile-in-use'));
    } finally {
      other.kill('SIGKILL');
      await exited;
    }
    expect((await keep(openProfile(options()))).account().name).toBe('Alice');
  });

  test('the caller’s signal closes it', async () => {
    const stop = new AbortController();
    const engine = await createProfile({ ...options('alice', { signal: stop.signal }), name: 'Alice' });
    stop.abort();
    await engine.close();
    await keep(openProfile(options()));
  });
});

describe('passphrases', () => {
  test('lock a profile from the start, and only the right one opens it', async () => {
    await (await createProfile({ ...options(), name: 'Alice', passphrase: 'Grüße' })).close();
    expect(await profileState(join(root, 'alice'))).toBe('locked');
    await expect(openProfile(options())).rejects.toEqual(coded('locked'));
    await expect(openProfile(options('alice', { passphrase: 'grüße' }))).rejects.toEqual(coded('wrong-passphrase'));
    // The same characters, composed differently.
    const engine = await keep(openProfile(options('alice', { passphrase: 'Gru\u0308ße' })));
    expect(engine.account().name).toBe('Alice');
    await expect(createProfile({ ...options('b'), name: 'B', passphrase: '' })).rejects.toEqual(
      coded('wrong-passphrase'),
    );
  });

  test('are set, changed and removed while the engine runs', async () => {
    const engine = await keep(createProfile({ ...options(), name: 'Alice' }));
    const reopen = async (passphrase?: string) => {
      await engines.at(-1)!.close();
      return await keep(openProfile(options('alice', { passphrase })));
    };
    await setPassphrase(engine, 'first');
    engine.setName('Alice II');
    let again = await reopen('first');
    expect(again.account().name).toBe('Alice II');
    await expect(setPassphrase(again, 'second')).rejects.toEqual(coded('locked'));
    await expect(setPassphrase(again, 'second', 'wrong')).rejects.toEqual(coded('wrong-passphrase'));
    await expect(setPassphrase(again, '', 'first')).rejects.toEqual(coded('wrong-passphrase'));
    await setPassphrase(again, 'second', 'first');
    await again.close();
    await expect(openProfile(options('alice', { passphrase: 'first' }))).rejects.toEqual(coded('wrong-passphrase'));
    again = await reopen('second');
    await setPassphrase(again, null, 'second');
    again = await reopen();
    expect(again.account().name).toBe('Alice II');
    await again.close();
    await expect(setPassphrase(again, 'late')).rejects.toEqual(coded('closed'));
  });

  test('are changed one after the other, however fast they are asked for', async () => {
    const engine = await keep(createProfile({ ...options(), name: 'Alice' }));
    const changes = [
      setPassphrase(engine, 'one'),
      setPassphrase(engine, 'two', 'one'),
      setPassphrase(engine, 'three', 'one'),
    ];
    const results = await Promise.allSettled(changes);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
    await engine.close();
    await keep(openProfile(options('alice', { passphrase: 'two' })));
  });

  test('may be changed with a crash in the middle: the old one or the new one opens the profile', async () => {
    const engine = await keep(createProfile({ ...options(), name: 'Alice', passphrase: 'old' }));
    await engine.close();
    const folder = join(root, 'alice');
    const old = { key: readFileSync(join(folder, 'profile.key'), 'utf8'), database: join(root, 'old.db') };
    cpSync(join(folder, 'profile.db'), old.database);
    const again = await openProfile(options('alice', { passphrase: 'old' }));
    await setPassphrase(again, 'new', 'old');
    await again.close();
    const fresh = readFileSync(join(folder, 'profile.key'), 'utf8');
    const entries = [JSON.parse(fresh).keys[0], JSON.parse(old.key).keys[0]];
    const both = JSON.stringify({ sottoProfile: 1, keys: entries });
    // The key file already names both; the database has changed, or has not.
    for (const [database, right, wrong] of [
      ['profile.db', 'new', 'old'],
      ['old.db', 'old', 'new'],
    ] as const) {
      if (database === 'old.db') cpSync(old.database, join(folder, 'profile.db'));
      writeFileSync(join(folder, 'profile.key'), both);
      expect(await profileState(folder)).toBe('locked');
      await expect(openProfile(options('alice', { passphrase: wrong }))).rejects.toEqual(coded('wrong-passphrase'));
      const opened = await openProfile(options('alice', { passphrase: right }));
      expect(opened.account().name).toBe('Alice');
      await opened.close();
      expect(JSON.parse(readFileSync(join(folder, 'profile.key'), 'utf8')).keys).toHaveLength(1);
    }
  });
});

// Only POSIX limits how large a process's files may become.
test.skipIf(process.platform === 'win32')(
  'a change of passphrase without room changes nothing, and may be repeated',
  async () => {
    const engine = await createProfile({ ...options(), name: 'Alice', passphrase: 'old' });
    for (let number = 0; number < 60; number++) engine.send(engine.account().accountId, '😀'.repeat(2000));
    await engine.close();
    const file = {
      ...simulation.file,
      seeds: [],
      authorities: simulation.file.authorities.map((a) => ({ ...a, urls: [] })),
    };
    const script = `
      process.on('SIGXFSZ', () => {});
    const { openProfile, setPassphrase } = await import(${JSON.stringify(new URL('./profiles.ts', import.meta.url).href)});
    const options = ${JSON.stringify({ folder: join(root, 'alice'), network: file, passphrase: 'old' })};
    const engine = await openProfile(options);
    const told = [];
    for (const [next, current] of [['new', 'old'], ['new', 'old'], [null, 'new'], [null, 'old']]) {
      told.push(await setPassphrase(engine, next, current).then(() => 'done', ({ code }) => code));
    }
    told.push(engine.account().name);
    await engine.close();
    console.log(JSON.stringify(told));`;
    const limited = 'ulimit -f 800; exec "$0" "$@"';
    const other = spawn('sh', ['-c', limited, process.execPath, '--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    other.stdout.on('data', (chunk: Buffer) => {
      output += String(chunk);
    });
    await new Promise((resolve) => other.once('close', resolve));
    expect(JSON.parse(output)).toEqual(['disk-full', 'disk-full', 'wrong-passphrase', 'disk-full', 'Alice']);
    const again = await keep(openProfile(options('alice', { passphrase: 'old' })));
    await setPassphrase(again, 'new', 'old');
    await again.close();
    expect((await keep(openProfile(options('alice', { passphrase: 'new' })))).account().name).toBe('Alice');
  },
);

describe('through a whole network', () => {
  test('two people and a second device talk; nodes die and clocks are wrong meanwhile', async () => {
    for (const node of simulation.nodes) node.clockAhead = -120_000;
    const a = await keep(createProfile({ ...options('alice'), name: 'Alice' }));
    const b = await keep(createProfile({ ...options('bob'), name: 'Bob' }));
    const a2 = await keep(restoreProfile({ ...options('phone'), phrase: a.recoveryPhrase() }));
    const [alice, bob] = [a.account().accountId, b.account().accountId];
    const texts = (engine: Engine, id: string) =>
      engine.messages(id).messages.flatMap(({ kind, body }) => (kind === 'message' ? [body] : []));
    await clock.until(() => [a, b, a2].every((engine) => engine.route().state === 'connected'));
    a.send(bob, 'Hello Bob');
    await clock.until(() => texts(b, alice).length === 1 && texts(a2, bob).length === 1);
    expect(b.conversation(alice)).toMatchObject({ name: 'Alice', isRequest: true, unread: 1 });
    for (const account of [alice, bob]) simulation.swarm(account)[0]!.behaviour = 'dead';
    b.send(alice, 'Hello Alice');
    await clock.until(() => texts(a, bob).length === 2 && texts(a2, bob).length === 2, 1_200_000);
    expect(texts(a, bob)).toEqual(['Hello Bob', 'Hello Alice']);
    expect(a.route()).toMatchObject({ state: 'connected', nodes: 12, mailboxCopies: 3 });
    // What a deletes is deleted where nodes live, and told.
    const { id } = a.messages(bob).messages.find(({ body }) => body === 'Hello Bob')!;
    a.deleteForEveryone([id]);
    await clock.until(() => a.deletion(id)?.otherSideTold === true && a.deletion(id)?.nodes === 2, 1_200_000);
    await clock.until(() => [a, a2].every((engine) => !texts(engine, bob).includes('Hello Bob')), 1_200_000);
    await clock.until(() => !texts(b, alice).includes('Hello Bob'), 1_200_000);
    expect(a.deletion(id)).toEqual({ nodes: 2, ofNodes: 3, otherSideTold: true });
    expect(
      simulation.reached.every(({ method }) => ['info', 'store', 'retrieve', 'directory', 'delete'].includes(method)),
    ).toBe(true);
  });

  test('a profile belongs to its network', async () => {
    const engine = await createProfile({ ...options(), name: 'Alice' });
    await clock.until(() => engine.route().state === 'connected');
    await engine.close();
    const other = { ...simulation.file, created: 99 };
    await expect(openProfile({ ...options(), network: other })).rejects.toEqual(coded('bad-network'));
    await keep(openProfile(options()));
  });
});
