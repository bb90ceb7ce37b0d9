import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Engine } from '../engine.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { SimulatedNetwork } from '../testing/simulated-network.ts';
import { checkProfile } from './check-profile.ts';
import { createProfile, openProfile } from './profiles.ts';

const CHILD = join(import.meta.dirname, '../testing/writing-child.ts');
const PAGE = 4096;

let root: string;
let folder: string;
let clock: ManualClock;
let simulation: SimulatedNetwork;
let child: ChildProcess | null = null;

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'sotto-power-'));
  folder = join(root, 'alice');
  clock = new ManualClock(Date.now());
  simulation = new SimulatedNetwork({ clock });
  await (await createProfile({ ...options(), name: 'Alice' })).close();
});

afterEach(() => {
  child?.kill('SIGKILL');
  rmSync(root, { recursive: true, force: true });
});

function options() {
  return { folder, network: simulation.file, transport: simulation.transport(), clock };
}

/** Another process that writes; gives what it has said, line by line. */
function startWriting(): {
  readonly said: string[];
  readonly exited: Promise<unknown>;
  until(count: number): Promise<void>;
} {
  const authorities = simulation.file.authorities.map((authority) => ({ ...authority, urls: [] }));
  const network = JSON.stringify({ ...simulation.file, seeds: [], authorities });
  const writing = spawn(process.execPath, [CHILD, folder, network], { stdio: ['ignore', 'pipe', 'inherit'] });
  child = writing;
  const said: string[] = [];
  const waiting = new Set<() => void>();
  const lines = createInterface({ input: writing.stdout! });
  lines.on('line', (line) => {
    said.push(line);
    for (const look of waiting) look();
  });
  const until = (count: number) =>
    new Promise<void>((resolve) => {
      const look = () => said.length >= count && resolve();
      waiting.add(look);
      look();
    });
  return { said, exited: Promise.all([once(writing, 'exit'), once(lines, 'close')]), until };
}

function bodiesOf(engine: Engine): string[] {
  const ownId = engine.account().accountId;
  const bodies: string[] = [];
  for (let before: string | undefined; ; ) {
    const page = engine.messages(ownId, { limit: 200, ...(before !== undefined && { before }) });
    bodies.unshift(...page.messages.map(({ body }) => body));
    if (page.before === null) return bodies;
    before = page.before;
  }
}

test('a process that is killed while it writes loses nothing that it had made sure of, and leaves no lock', async () => {
  let expected = 0;
  for (const moment of [3, 40, 111]) {
    const writing = startWriting();
    await writing.until(moment);
    await expect(openProfile(options())).rejects.toMatchObject({ code: 'profile-in-use' });
    child!.kill('SIGKILL');
    await writing.exited;
    const sure = writing.said.length - 1;
    expect(writing.said[0]).toBe('open');
    const engine = await openProfile(options());
    const bodies = bodiesOf(engine).slice(expected);
    // At most the one that was being written is there, too.
    expect([sure, sure + 1]).toContain(bodies.length);
    expect(bodies).toEqual(bodies.map((_, number) => `number ${number}`));
    const { draft } = engine.conversation(engine.account().accountId)!;
    // Sending takes the draft away.
    const kept = draft === '' ? bodies.length - 1 : Number(draft.split(' ')[1]);
    expect(kept).toBeGreaterThanOrEqual(sure - 1);
    expect(engine.repair()).toBeNull();
    expected += bodies.length;
    await engine.close();
  }
});

test('pages that are torn as well are repaired from the snapshot, and it is told', async () => {
  const engine = await openProfile(options());
  const ownId = engine.account().accountId;
  engine.openConversation(ownId);
  for (let number = 0; number < 50; number++) engine.send(ownId, `kept ${number}`);
  await engine.close();
  rmSync(join(folder, 'snapshot.db'), { force: true });
  // Takes the snapshot.
  await (await openProfile(options())).close();
  const writing = startWriting();
  await writing.until(30);
  child!.kill('SIGKILL');
  await writing.exited;
  for (const [name, pages] of [
    ['profile.db', [0, 5, 9, 20]],
    ['profile.db-wal', [2, 7]],
  ] as const) {
    const bytes = readFileSync(join(folder, name));
    for (const page of pages) bytes.fill(0x5a, page * PAGE + 50, page * PAGE + 2000);
    writeFileSync(join(folder, name), bytes);
  }
  const repaired = await openProfile(options());
  expect(bodiesOf(repaired).slice(0, 50)).toEqual(Array.from({ length: 50 }, (_, number) => `kept ${number}`));
  expect(repaired.repair()).toMatchObject({ at: clock.now() });
  expect(repaired.recoveryPhrase().split(' ')).toHaveLength(13);
  await repaired.close();
  expect(await checkProfile({ folder, clock })).toMatchObject({ repair: { at: clock.now() } });
});
