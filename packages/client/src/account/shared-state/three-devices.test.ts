import { expect, test } from 'vitest';
import { randomBelow } from '../../surroundings.ts';
import { ALICE, alice, BOB, bob, EVE, eve, Party } from '../../testing/party.ts';
import { accountOf, type Device, texts } from '../../testing/person.ts';
import { Link } from '../../testing/post-office.ts';
import { seededRandom } from '../../testing/seeded-random.ts';
import { SharedConfigs } from './shared-configs.ts';

const DEVICES = 3;
const DURATION_MS = 300_000;
const SEEDS = Array.from({ length: 6 }, (_, index) => `seed ${index + 1}`);
const PEOPLE = [bob, eve];
/** Writes nothing: which messages a block drops depends on when each device hears of it. */
const stranger = accountOf(4).accountId;
const DAY = 86_400_000;

type Choice = (count: number) => number;
type Action = (device: Device, choose: Choice, now: number) => void;

const person = (choose: Choice) => PEOPLE[choose(PEOPLE.length)]!;
const known = (device: Device, choose: Choice): string | null => {
  const id = [...PEOPLE, alice][choose(3)]!;
  return device.engine.conversation(id) ? id : null;
};
const about = (act: (device: Device, id: string, choose: Choice, now: number) => void): Action => {
  return (device, choose, now) => {
    const id = known(device, choose);
    if (id) act(device, id, choose, now);
  };
};

/** Everything that a person does which other devices are to know of. */
const ACTIONS: readonly Action[] = [
  ({ engine }, choose) => engine.setName(`Alice ${choose(1000)}`),
  ({ engine }, choose) => void engine.openConversation(person(choose)),
  ({ engine }, choose, now) => void engine.send(person(choose), `from Alice at ${now}`),
  ({ engine }, _, now) => void engine.send(alice, `note at ${now}`),
  ({ engine }, choose) => engine.setBlocked(stranger, choose(2) === 0),
  about(({ engine }, id, choose) => engine.setNickname(id, choose(4) === 0 ? null : `Nick ${choose(1000)}`)),
  about(({ engine }, id, choose) => engine.setPinned(id, choose(2) === 0)),
  about(({ engine }, id, choose) => engine.setArchived(id, choose(2) === 0)),
  about(({ engine }, id, choose, now) => engine.setMuted(id, choose(2) === 0 ? null : now + choose(DAY))),
  about(({ engine }, id, choose) => engine.setNotifications(id, choose(2) === 0 ? 'all' : 'none')),
  about(({ engine }, id) => engine.markRead(id)),
  about(({ engine }, id) => engine.markUnread(id)),
  about(({ engine }, id, choose) =>
    engine.setDisappearing(id, choose(2) === 0 ? null : { mode: 'after-send', seconds: DAY / 1000 + choose(5) }),
  ),
  about(({ engine }, id) => engine.acceptRequest(id)),
  about(({ engine }, id, choose) => choose(3) === 0 && engine.deleteConversation(id)),
  about(({ engine }, id, choose) => id !== alice && choose(4) === 0 && engine.removeContact(id)),
];

/** Everything that devices of an account are to agree about. */
function view(device: Device) {
  const { store, engine, account } = device;
  const configs = new SharedConfigs(store, account);
  return {
    name: engine.account().name,
    pending: engine.devices().pendingChanges,
    conversations: store.conversations.ids().map((id) => {
      const state = store.conversations.state(id)!;
      const { profileName, nickname, approved, approvedUs, blocked, priority, archived, notifications } = state;
      const { mutedUntil, markedUnread, lastReadAt, disappearing } = state;
      // Of note to self, the protocol shares less.
      const ofOthers = { approved, nickname, notifications, mutedUntil: Math.ceil(mutedUntil / 1000) };
      return {
        ...{ id, profileName, approvedUs, blocked, priority, archived, markedUnread, lastReadAt, disappearing },
        ...(id === alice ? {} : ofOthers),
        unread: engine.conversation(id)!.unread,
        texts: texts(device, id)
          .map(({ author, sentAt, body }) => `${author} ${sentAt} ${body}`)
          .sort(),
      };
    }),
    configs: configs.all.map(([namespace, config]) => [namespace, config.state, config.message.hash]),
  };
}

test.each(SEEDS)(
  'three devices edit, are cut off and restart for five minutes, and end equal (%s)',
  async (seed) => {
    const party = new Party();
    const random = seededRandom(seed);
    const choose: Choice = (count) => randomBelow(count, random);
    const links = Array.from({ length: DEVICES }, () => new Link());
    const own = links.map((link) => party.start(ALICE, { link, name: 'Alice' }));
    const others = [party.start(BOB), party.start(EVE)];
    const end = party.clock.now() + DURATION_MS;
    while (party.clock.now() < end) {
      const place = choose(DEVICES);
      const event = choose(20);
      if (event === 0) own[place] = await party.restart(own[place]!, ALICE, { link: links[place]! });
      else if (event < 3) links[place]!.setOpen(!links[place]!.isOpen);
      else if (event < 6) others[choose(2)]!.engine.send(alice, `to Alice at ${party.clock.now()}`);
      else ACTIONS[choose(ACTIONS.length)]!(own[place]!, choose, party.clock.now());
      await party.clock.advance(1 + choose(4000));
    }
    for (const link of links) link.setOpen(true);
    await party.clock.advance(120_000);
    const [first, ...rest] = own.map(view);
    for (const other of rest) expect(other).toEqual(first);
    expect(first!.pending).toBe(0);
    await party.end();
  },
  120_000,
);
