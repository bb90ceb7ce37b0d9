import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { TestCaller } from '../testing/caller.ts';
import { type Waiter, WaitingRoom, type WatchedMailbox } from './waiting-room.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const box = (account: number, namespace = 0): WatchedMailbox => ({
  account: new Uint8Array(33).fill(account),
  namespace,
});

/** Whether the next arrival has come by now. */
async function hasArrived(waiter: Waiter): Promise<boolean> {
  let arrived = false;
  void waiter.arrival().then(() => {
    arrived = true;
  });
  await vi.advanceTimersByTimeAsync(0);
  return arrived;
}

test('who waits is woken by a message in any of its mailboxes, and by no other', async () => {
  const room = new WaitingRoom();
  const waiter = room.enter([box(1), box(1, 5), box(2)], 1000, new TestCaller())!;
  room.arrived(box(3));
  room.arrived(box(1, 2));
  expect(await hasArrived(waiter)).toBe(false);
  for (const mailbox of [box(1), box(1, 5), box(2)]) {
    room.arrived(mailbox);
    await waiter.arrival();
    expect(waiter.isOver).toBe(false);
  }
  expect(await hasArrived(waiter)).toBe(false);
  waiter.leave();
  expect(room.size).toBe(0);
});

test('what arrives before anybody listens is not missed', async () => {
  const room = new WaitingRoom();
  const waiter = room.enter([box(1)], 1000, new TestCaller())!;
  room.arrived(box(1));
  expect(await hasArrived(waiter)).toBe(true);
});

test('it is over when the time is up, when the caller goes, and when the node stops', async () => {
  const room = new WaitingRoom();
  const caller = new TestCaller();
  const [late, gone, left] = [new TestCaller(), caller, new TestCaller()].map(
    (each, index) => room.enter([box(1)], index === 0 ? 1000 : 5000, each)!,
  );
  await vi.advanceTimersByTimeAsync(999);
  expect(late!.isOver).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  await late!.arrival();
  expect([late!.isOver, gone!.isOver]).toEqual([true, false]);
  caller.leave();
  await gone!.arrival();
  expect([gone!.isOver, left!.isOver]).toEqual([true, false]);
  room.close();
  await left!.arrival();
  expect(left!.isOver).toBe(true);
  expect(room.enter([box(1)], 1000, new TestCaller())).toBeNull();
  for (const waiter of [late, gone, left]) waiter!.leave();
  expect([room.size, caller.listeners, vi.getTimerCount()]).toEqual([0, 0, 0]);
});

test('one client, one node, one account and all together are bounded, and a place that is left is free', () => {
  const fill = (room: WaitingRoom, caller: (index: number) => TestCaller, account: (index: number) => number) => {
    const waiters: Waiter[] = [];
    for (;;) {
      const waiter = room.enter([box(account(waiters.length))], 1000, caller(waiters.length));
      if (!waiter) return waiters;
      waiters.push(waiter);
    }
  };
  const many = (index: number) => index % 250;
  const client = new TestCaller('2001:db8::1');
  const room = new WaitingRoom();
  const ofClient = fill(room, () => client, many);
  expect(ofClient).toHaveLength(64);
  expect(room.enter([box(1)], 1000, new TestCaller('2001:db8::2'))).toBeNull();
  expect(room.enter([box(1)], 1000, new TestCaller('2001:db8:0:1::1'))).not.toBeNull();
  ofClient[0]!.leave();
  expect(room.enter([box(1)], 1000, client)).not.toBeNull();
  expect(fill(new WaitingRoom(), () => new TestCaller('node', true), many)).toHaveLength(2000);
  expect(
    fill(
      new WaitingRoom(),
      (index) => new TestCaller(String(index)),
      () => 7,
    ),
  ).toHaveLength(300);
  expect(fill(new WaitingRoom(100), (index) => new TestCaller(String(index)), many)).toHaveLength(100);
  expect(new WaitingRoom(0).enter([box(1)], 1000, client)).toBeNull();
});

test('whatever comes and goes, nothing is left behind and nobody is woken for another', async () => {
  const step = fc.record({ account: fc.nat(3), namespace: fc.nat(2), leaves: fc.boolean(), wakes: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const room = new WaitingRoom();
      const callers = [0, 1, 2, 3].map((name) => new TestCaller(String(name)));
      const waiting = new Map<Waiter, { mailbox: WatchedMailbox; woken: boolean }>();
      for (const { account, namespace, leaves, wakes } of steps) {
        const mailbox = box(account, namespace);
        const waiter = room.enter([mailbox], 1000, callers[account]!)!;
        const state = { mailbox, woken: false };
        waiting.set(waiter, state);
        void waiter.arrival().then(() => {
          state.woken = true;
        });
        if (wakes) {
          room.arrived(mailbox);
          await vi.advanceTimersByTimeAsync(0);
          for (const { mailbox: other, woken } of waiting.values()) {
            const isSame = other.account[0] === account && other.namespace === namespace;
            if (isSame) expect(woken).toBe(true);
          }
        }
        if (leaves) {
          waiter.leave();
          waiting.delete(waiter);
        }
        expect(room.size).toBe(waiting.size);
      }
      for (const waiter of waiting.keys()) waiter.leave();
      expect([room.size, vi.getTimerCount()]).toEqual([0, 0]);
      expect(callers.every(({ listeners }) => listeners === 0)).toBe(true);
    }),
    { numRuns: 50 },
  );
});
