import { accessors, ConfigObject, contacts, userConfigOptions } from '@sotto/config';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ConversationState, readState } from '../../store/conversation-state.ts';
import { accountOf } from '../../testing/person.ts';
import { CONTACT_FIELDS } from './contact-fields.ts';

const ID = `05${'1'.repeat(64)}`;
const SECOND = 1000;
const NOTHING = readState({});

const name = fc.option(fc.stringMatching(/^[a-zA-Zäß漢😀]{1,20}$/u), { nil: null });
const time = fc.integer({ min: 0, max: 4_000_000_000_000 });

/** States as conversations have them: what the shared state cannot hold is left to the rules of its fields. */
const states: fc.Arbitrary<ConversationState> = fc
  .record({
    profileName: name,
    profileAt: time,
    picture: fc.option(fc.record({ url: fc.webUrl(), key: fc.uint8Array({ minLength: 32, maxLength: 32 }) }), {
      nil: null,
    }),
    nickname: name,
    approved: fc.boolean(),
    approvedUs: fc.boolean(),
    blocked: fc.boolean(),
    priority: fc.integer({ min: -1, max: 5 }),
    archivedAt: fc.option(fc.integer({ min: 1, max: 4_000_000_000_000 }), { nil: null }),
    notifications: fc.constantFrom('all' as const, 'none' as const, 'mentions' as const),
    mutedUntil: fc.oneof(time, fc.constant(Number.MAX_SAFE_INTEGER)),
    createdAt: time,
    disappearing: fc.option(
      fc.record({
        mode: fc.constantFrom('after-read' as const, 'after-send' as const),
        seconds: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
      }),
      { nil: null },
    ),
  })
  .map(({ picture, archivedAt, ...rest }) => ({
    ...NOTHING,
    ...rest,
    pictureUrl: picture?.url ?? null,
    pictureKey: picture?.key ?? null,
    archived: archivedAt !== null,
    archivedAt: archivedAt ?? 0,
  }));

const fields = Object.values(CONTACT_FIELDS);

test('what a device is told is what was told, and telling it back changes nothing', () => {
  fc.assert(
    fc.property(states, (state) => {
      const config = new ConfigObject(userConfigOptions(contacts, accountOf(1)));
      const people = accessors(contacts, config, () => 1_790_000_000_000).contacts;
      people.set(ID, Object.assign({}, ...fields.map(({ toShared }) => toShared(state, null))));
      const told = people.get(ID)!;
      const heard: ConversationState = Object.assign({}, NOTHING, ...fields.map(({ fromShared }) => fromShared(told)));
      for (const key of ['approved', 'approvedUs', 'blocked', 'priority', 'archived', 'disappearing'] as const) {
        expect(heard[key]).toEqual(state[key]);
      }
      expect(heard.nickname).toBe(state.nickname);
      expect(heard.profileName).toBe(state.profileName);
      if (state.mutedUntil < Number.MAX_SAFE_INTEGER) expect(heard.mutedUntil - state.mutedUntil).toBeLessThan(SECOND);
      expect(heard.mutedUntil > 0).toBe(state.mutedUntil > 0);
      const before = config.data;
      people.set(ID, Object.assign({}, ...fields.map(({ toShared }) => toShared(heard, told))));
      expect(config.data).toBe(before);
    }),
  );
});
