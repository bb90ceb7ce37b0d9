/** Every rule of the protocol by which a change is lost; `docs/config.md` lists them. */
import { expect, test } from 'vitest';
import { PLAIN, TestSwarm } from '../testing/swarm.ts';
import { EMPTY_DICT, eraseIn, ScalarSet, setIn, type Value } from '../values/index.ts';
import { ConfigObject } from './config-object.ts';

/** Devices that all know a config with these entries. */
function devices(count: number, entries: Readonly<Record<string, Value>>): { swarm: TestSwarm; all: ConfigObject[] } {
  const swarm = new TestSwarm();
  const all = Array.from({ length: count }, () => new ConfigObject(PLAIN));
  all[0]!.edit((data) => Object.entries(entries).reduce((state, [key, value]) => setIn(state, [key], value), data));
  swarm.settle(all);
  return { swarm, all };
}

function set(device: ConfigObject, key: string, value: Value): void {
  device.edit((data) => setIn(data, [key], value));
}

test('of two values for one key, that of the higher revision stands; of equal revisions, the higher hash', () => {
  const { swarm, all } = devices(2, { k: 0n });
  const [a, b] = all as [ConfigObject, ConfigObject];
  set(a, 'other', 1n);
  swarm.push(a);
  set(a, 'k', 1n);
  set(b, 'k', 2n);
  for (const device of [a, b]) swarm.push(device);
  expect(a.seqno).toBe(b.seqno + 1n);
  swarm.settle(all);
  expect(b.data.get('k')).toBe(1n);

  set(a, 'k', 3n);
  set(b, 'k', 4n);
  const higher = a.message.hash > b.message.hash ? 3n : 4n;
  for (const device of [a, b]) swarm.push(device);
  swarm.settle(all);
  expect(a.data.get('k')).toBe(higher);
});

test('of a member that one adds and another removes, what the higher revision did stands', () => {
  for (const [revisionsBefore, expected] of [
    [0, [1n]],
    [2, [1n, 2n]],
  ] as const) {
    const { swarm, all } = devices(2, { s: ScalarSet.of([1n]) });
    const [remover, adder] = all as [ConfigObject, ConfigObject];
    for (const members of [[1n, 2n], [1n]]) {
      set(remover, 's', ScalarSet.of(members));
      swarm.push(remover);
    }
    for (let revision = 0; revision < revisionsBefore; revision++) {
      set(adder, 'other', BigInt(revision));
      swarm.push(adder);
    }
    set(adder, 's', ScalarSet.of([1n, 2n]));
    swarm.push(adder);
    swarm.settle(all);
    expect((remover.data.get('s') as ScalarSet).members).toEqual(expected);
  }
});

test('an edit that is five revisions behind is left out; the merge says so, and it can be made again', () => {
  const { swarm, all } = devices(2, { k: 0n });
  const [a, b] = all as [ConfigObject, ConfigObject];
  for (let value = 1n; value <= 6n; value++) {
    set(a, 'k', value);
    swarm.push(a);
  }
  set(b, 'mine', 7n);
  const { lost } = swarm.poll(b);
  expect(b.data.get('mine')).toBeUndefined();
  expect(b.state).toBe('clean');
  expect(b.message.bytes).toEqual(a.message.bytes);
  b.reapply(lost!);
  swarm.settle(all);
  expect([a.data.get('mine'), a.data.get('k')]).toEqual([7n, 6n]);
});

test('four revisions behind it is still merged', () => {
  const { swarm, all } = devices(2, { k: 0n });
  const [a, b] = all as [ConfigObject, ConfigObject];
  for (let value = 1n; value <= 5n; value++) {
    set(a, 'k', value);
    swarm.push(a);
  }
  set(b, 'mine', 7n);
  expect(swarm.poll(b).lost).toBeNull();
  expect(b.data.get('mine')).toBe(7n);
});

test('a merge by a device without edits says all its values again: a change of a lower revision is overridden', () => {
  const { swarm, all } = devices(4, { k: 0n, x: 0n });
  const [a, b, c, reader] = all as [ConfigObject, ConfigObject, ConfigObject, ConfigObject];
  set(a, 'x', 1n);
  set(b, 'y', 1n);
  for (const device of [a, b]) swarm.push(device);
  swarm.poll(reader);
  swarm.push(reader);
  // In the same revision as a and b, but nobody saw it before the merge was stored.
  set(c, 'k', 1n);
  swarm.push(c);
  swarm.settle(all);
  expect(a.data.get('k')).toBe(0n);
});

test('what is removed from such a merge before it is pushed leaves no trace, and comes back from others', () => {
  for (const pushedBefore of [false, true]) {
    const { swarm, all } = devices(3, { k: 0n });
    const [a, b, c] = all as [ConfigObject, ConfigObject, ConfigObject];
    for (const device of all) set(device, 'mine', BigInt(all.indexOf(device)));
    swarm.push(a);
    swarm.push(b);
    const merger = new ConfigObject(PLAIN);
    swarm.poll(merger);
    swarm.push(c);
    // Another one merges more meanwhile, and so says k again in the same revision.
    const seenByC = [...swarm.messages].map(([hash, data]) => ({ hash, data }));
    if (pushedBefore) swarm.push(merger);
    merger.edit((data) => eraseIn(data, ['k']));
    swarm.push(merger);
    c.merge(seenByC, 0);
    set(c, 'w', 1n);
    swarm.push(c);
    swarm.settle([...all, merger]);
    expect(a.data.get('k')).toBe(pushedBefore ? undefined : 0n);
  }
});

test('keys at the top of a message that this version does not know survive edits but not merges', () => {
  const { swarm, all } = devices(2, { k: 0n });
  const [a, b] = all as [ConfigObject, ConfigObject];
  const { message } = a;
  const unknown = new ConfigObject(PLAIN, {
    ...a.snapshot(),
    message: { ...message, unknown: message.unknown.with('$', Buffer.from('i5e')) },
    original: EMPTY_DICT,
  });
  set(unknown, 'k', 1n);
  expect(unknown.message.unknown.keys).toEqual(['$']);
  set(b, 'x', 1n);
  for (const device of [unknown, b]) swarm.push(device);
  swarm.poll(unknown);
  expect(unknown.message.unknown.keys).toEqual([]);
});

test('if one device makes another kind of value of a key, changes within the old one are lost', () => {
  const { swarm, all } = devices(2, { k: setIn(EMPTY_DICT, ['a'], 1n) });
  const [a, b] = all as [ConfigObject, ConfigObject];
  set(b, 'other', 1n);
  swarm.push(b);
  set(b, 'k', 5n);
  a.edit((data) => setIn(data, ['k', 'b'], 2n));
  for (const device of [a, b]) swarm.push(device);
  swarm.settle(all);
  expect(a.data.get('k')).toBe(5n);
});
