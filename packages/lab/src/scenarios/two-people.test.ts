import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createProfile, type Engine, type Message, openProfile, restoreProfile } from '@sotto/client';
import { accountIdToBytes } from '@sotto/wire/account';
import { accountPosition, swarmOfPosition } from '@sotto/wire/swarm';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import type { LabNode } from '../lab-node.ts';
import { type LabNetwork, startNetwork } from '../start-network.ts';

const PATIENCE = { timeout: 90_000, interval: 100 };
/** As people use it, only faster. */
const polling = { idleMs: 500, activeMs: 200 };

let folder: string;
let network: LabNetwork;
let ada: Engine;
let ben: Engine;
let profiles = 0;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sotto-scenario-'));
  network = await startNetwork({ folder: join(folder, 'network') });
  [ada, ben] = await Promise.all([create('Ada'), create('Ben')]);
});

afterAll(async () => {
  await Promise.all([ada?.close(), ben?.close()]);
  await network?.close();
  rmSync(folder, { recursive: true, force: true });
});

afterEach(async () => {
  for (const node of network.nodes) if (node.pid === null) await node.restart();
});

const own = () => ({ folder: join(folder, `profile-${profiles++}`), network: network.networkFile, polling });
const create = (name: string) => createProfile({ ...own(), name });

/** Texts of a conversation in the order in which its owner sees them, by one author. */
function textsBy(engine: Engine, other: string, author: string): string[] {
  const messages: Message[] = [];
  let before: string | null | undefined;
  do {
    const page = engine.messages(other, { limit: 200, ...(before && { before }) });
    messages.unshift(...page.messages);
    before = page.before;
  } while (before);
  return messages.filter((line) => line.kind === 'message' && line.author === author).map(({ body }) => body);
}

const idOf = (engine: Engine) => engine.account().accountId;
const texts = (count: number, what: string) => Array.from({ length: count }, (_, index) => `${what} ${index + 1}`);

function say(from: Engine, to: Engine | string, bodies: readonly string[]): void {
  const other = typeof to === 'string' ? to : idOf(to);
  from.openConversation(other);
  for (const body of bodies) from.send(other, body);
}

/** Waits until the receiver has at least as many texts of the sender's as expected ones, then compares all. */
async function heard(by: Engine, from: Engine, expected: readonly string[]): Promise<void> {
  await vi.waitFor(() => {
    expect(textsBy(by, idOf(from), idOf(from)).filter((text) => expected.includes(text)).length).toBeGreaterThanOrEqual(
      expected.length,
    );
  }, PATIENCE);
  expect(textsBy(by, idOf(from), idOf(from)).filter((text) => expected.includes(text))).toEqual(expected);
}

async function allStored(from: Engine, to: string): Promise<void> {
  await vi.waitFor(() => {
    const states = from
      .messages(to, { limit: 200 })
      .messages.filter(({ direction, kind }) => direction === 'out' && kind === 'message');
    expect(states.filter(({ delivery }) => delivery !== 'stored')).toEqual([]);
  }, PATIENCE);
}

function mailboxOf(engine: Engine): LabNode[] {
  const list = network.directory.current()!;
  const swarm = swarmOfPosition(accountPosition(accountIdToBytes(idOf(engine))), list.swarmIds);
  return network.nodes.filter(({ swarmId }) => swarmId === swarm);
}

test('two people exchange a hundred messages, each in order, nothing lost, nothing twice', async () => {
  const questions = texts(50, 'question');
  const answers = texts(50, 'answer');
  say(ada, ben, questions);
  say(ben, ada, answers);
  await Promise.all([heard(ben, ada, questions), heard(ada, ben, answers)]);
  await allStored(ada, idOf(ben));
});

test('what is written while the other one is away arrives when they come back', async () => {
  const place = own();
  const carl = await createProfile({ ...place, name: 'Carl' });
  const carlId = idOf(carl);
  say(ada, carl, ['before']);
  await heard(carl, ada, ['before']);
  await carl.close();
  const meanwhile = texts(20, 'meanwhile');
  say(ada, carlId, meanwhile);
  await allStored(ada, carlId);
  const back = await openProfile(place);
  await heard(back, ada, ['before', ...meanwhile]);
  await back.close();
});

test('a node of each swarm is killed in the middle', async () => {
  const first = texts(15, 'before the crash');
  const rest = texts(15, 'after the crash');
  say(ada, ben, first);
  const victims = [...Map.groupBy(network.nodes, ({ swarmId }) => swarmId).values()].map((members) => members[0]!);
  await Promise.all(victims.map((node) => node.kill()));
  say(ada, ben, rest);
  await heard(ben, ada, [...first, ...rest]);
});

test('the guard is killed in the middle', async () => {
  await vi.waitFor(() => expect(ada.route().relays[0]?.role).toBe('guard'), PATIENCE);
  const guard = network.nodes.find(({ keys }) => keys.ed25519 === ada.route().relays[0]!.key)!;
  const first = texts(15, 'with guard');
  const rest = texts(15, 'without guard');
  say(ada, ben, first);
  await guard.kill();
  say(ada, ben, rest);
  await heard(ben, ada, [...first, ...rest]);
});

test('a second device with the same phrase reads the same', async () => {
  const texts = () => [textsBy(ben, idOf(ada), idOf(ada)), textsBy(ben, idOf(ada), idOf(ben))];
  const expected = texts();
  expect(expected[0]!.length).toBeGreaterThan(0);
  const second = await restoreProfile({ ...own(), phrase: ben.recoveryPhrase() });
  expect(idOf(second)).toBe(idOf(ben));
  await vi.waitFor(() => {
    const seen = [textsBy(second, idOf(ada), idOf(ada)), textsBy(second, idOf(ada), idOf(ben))];
    expect(seen.map((list) => list.toSorted())).toEqual(expected.map((list) => list.toSorted()));
  }, PATIENCE);
  expect([textsBy(second, idOf(ada), idOf(ada)), textsBy(second, idOf(ada), idOf(ben))]).toEqual(expected);
  await second.close();
});

test('the network and everybody in it find everything again after a restart', async () => {
  const members = mailboxOf(ben);
  expect(members).toHaveLength(3);
  const benId = idOf(ben);
  const phrase = ben.recoveryPhrase();
  const expected = textsBy(ben, idOf(ada), idOf(ada));
  await network.close();
  network = await startNetwork({ folder: join(folder, 'network') });
  expect(mailboxOf(ben).map(({ keys }) => keys)).toEqual(members.map(({ keys }) => keys));
  const later = await restoreProfile({ ...own(), phrase });
  await vi.waitFor(() => expect(textsBy(later, idOf(ada), idOf(ada))).toEqual(expected), PATIENCE);
  say(ada, benId, ['after the restart']);
  await heard(ben, ada, ['after the restart']);
  await later.close();
});
