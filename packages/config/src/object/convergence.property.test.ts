import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeMessage } from '../message/encode-message.ts';
import { decodeMessage, LAG, mergeMessages } from '../message/index.ts';
import { keys, values } from '../testing/arbitraries.ts';
import { PLAIN, restarted, TestSwarm } from '../testing/swarm.ts';
import { EMPTY_DIFF, equalValues, eraseIn, getIn, isSet, ScalarSet, setIn } from '../values/index.ts';
import { ConfigObject } from './config-object.ts';

const paths = fc.array(keys, { minLength: 1, maxLength: 3 });
const devices = fc.nat({ max: 4 });

const actions = fc.oneof(
  fc.record({ do: fc.constant('set' as const), device: devices, path: paths, value: values }),
  fc.record({ do: fc.constant('erase' as const), device: devices, path: paths }),
  fc.record({
    do: fc.constant('push' as const),
    device: devices,
    answer: fc.constantFrom('answered' as const, 'unanswered' as const, 'lost' as const),
  }),
  fc.record({ do: fc.constant('poll' as const), device: devices, seed: fc.nat(), missing: fc.nat({ max: 3 }) }),
  fc.record({ do: fc.constant('restart' as const), device: devices }),
);

/** Some of the messages, some of them twice, in another order. */
function disturbed(seed: number, missing: number): <T>(messages: T[]) => T[] {
  return (messages) => {
    const kept = messages.filter((_, index) => missing === 0 || (index + seed) % (missing + 1) !== 0);
    const doubled = [...kept, ...kept.filter((_, index) => (index + seed) % 2 === 0)];
    return doubled
      .map((message, index) => ({ message, rank: (index * 7919 + seed) % 101 }))
      .sort((a, b) => a.rank - b.rank)
      .map(({ message }) => message);
  };
}

test('whatever five devices do and whatever gets lost, they end with the same bytes', () => {
  fc.assert(
    fc.property(fc.array(actions, { minLength: 5, maxLength: 40 }), (history) => {
      const swarm = new TestSwarm();
      const all = Array.from({ length: 5 }, () => new ConfigObject(PLAIN));
      for (const action of history) {
        const device = all[action.device]!;
        if (action.do === 'set') device.edit((data) => setIn(data, action.path, action.value));
        else if (action.do === 'erase') device.edit((data) => eraseIn(data, action.path));
        else if (action.do === 'push') swarm.push(device, action.answer);
        else if (action.do === 'poll') swarm.poll(device, disturbed(action.seed, action.missing));
        else all[action.device] = restarted(device);
      }
      swarm.settle(all);
      const [first, ...others] = all.map((device) => device.message.hash);
      for (const other of others) expect(other).toBe(first);
      for (const device of all)
        for (const hash of device.activeHashes) expect([...swarm.messages.keys()]).toContain(hash);
    }),
    { numRuns: 60 },
  );
});

/** Devices that know the same, and then each make revisions of their own: lists of [key, value] to set. */
const concurrent = fc.array(fc.array(fc.tuple(fc.nat({ max: 3 }), fc.bigInt({ min: 0n, max: 9n })), { maxLength: 4 }), {
  minLength: 2,
  maxLength: 5,
});

function diverged(revisions: readonly (readonly (readonly [number, bigint])[])[]): {
  swarm: TestSwarm;
  all: ConfigObject[];
} {
  const swarm = new TestSwarm();
  const all = revisions.map(() => new ConfigObject(PLAIN));
  all[0]!.edit((data) => setIn(setIn(data, ['0:0'], 100n), ['1:1'], 100n));
  swarm.settle(all);
  for (const [index, own] of revisions.entries()) {
    for (const [revision, [key, value]] of own.entries()) {
      all[index]!.edit((data) => {
        const members = getIn(data, ['members']);
        const added = ScalarSet.of([BigInt(index * 10 + revision)]);
        const before = isSet(members) ? members : ScalarSet.of([]);
        return setIn(setIn(data, [`${index}:${key}`], value), ['members'], before.union(added));
      });
      swarm.push(all[index]!);
    }
  }
  return { swarm, all };
}

test('up to four revisions apart, nothing that devices say of different keys or members is lost', () => {
  fc.assert(
    fc.property(concurrent, (revisions) => {
      const { swarm, all } = diverged(revisions);
      swarm.settle(all);
      for (const { data } of all) {
        for (const [index, own] of revisions.entries()) {
          for (const [key, value] of new Map(own.map(([name, last]) => [name, last]))) {
            expect(data.get(`${index}:${key}`)).toBe(value);
          }
          for (const revision of own.keys()) {
            expect((data.get('members') as ScalarSet).has(BigInt(index * 10 + revision))).toBe(true);
          }
        }
      }
    }),
    { numRuns: 60 },
  );
});

test('the order and number of inputs of a merge make no difference, and merging again changes nothing', () => {
  fc.assert(
    fc.property(concurrent, fc.nat(), (revisions, seed) => {
      const { swarm, all } = diverged(revisions);
      const messages = all.map(({ message }) => decodeMessage(message.bytes, LAG));
      const bytesOf = (inputs: typeof messages): Uint8Array => {
        const merged = mergeMessages(inputs, LAG);
        return merged.kind === 'chosen'
          ? inputs[merged.index]!.bytes
          : encodeMessage(merged.revision, EMPTY_DIFF, null).bytes;
      };
      const result = bytesOf(messages);
      expect(bytesOf(disturbed(seed, 0)(messages))).toEqual(result);
      expect(bytesOf([decodeMessage(result, LAG), ...messages])).toEqual(result);
      expect(swarm.messages.size).toBeGreaterThan(0);
    }),
    { numRuns: 60 },
  );
});

const edits = fc.array(fc.tuple(fc.constantFrom('n', 'm', 'x', 'y'), fc.bigInt({ min: 1n, max: 5n })), {
  minLength: 1,
  maxLength: 4,
});

test('what somebody sets on a new device before it knows the account is not lost', () => {
  fc.assert(
    fc.property(
      fc.array(edits, { minLength: 1, maxLength: 9 }),
      edits,
      fc.constantFrom('not pushed', 'lost', 'unanswered', 'answered'),
      fc.boolean(),
      (revisions, wanted, pushed, restart) => {
        // Once it is pushed, the same message from two devices is one message: so here it is another.
        const early = wanted.map(([key, value]) => [key, pushed === 'not pushed' ? value : value + 10n] as const);
        const swarm = new TestSwarm();
        const old = new ConfigObject(PLAIN);
        for (const own of revisions) {
          for (const [key, value] of own) old.edit((data) => setIn(data, [key], value));
          if (old.needsPush) swarm.push(old);
        }
        let fresh = new ConfigObject(PLAIN);
        for (const [key, value] of early) fresh.edit((data) => setIn(data, [key], value));
        if (pushed !== 'not pushed') swarm.push(fresh, pushed as 'lost');
        if (restart) fresh = restarted(fresh);
        const { lost } = swarm.poll(fresh);
        if (lost) fresh.reapply(lost);
        swarm.settle([fresh, old]);
        for (const device of [fresh, old]) {
          for (const [key, value] of new Map(early)) expect(device.data.get(key)).toBe(value);
          for (const own of revisions) for (const [key] of own) expect(device.data.get(key)).toBeDefined();
        }
        expect(equalValues(fresh.data, old.data)).toBe(true);
      },
    ),
    { numRuns: 100 },
  );
});
