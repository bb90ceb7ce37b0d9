import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ALICE, alice, BOB, bob, Party } from '../testing/party.ts';
import { type Device, texts } from '../testing/person.ts';

let party: Party;

beforeEach(() => {
  party = new Party();
});

afterEach(() => party.end());

/** What one device does; `target` picks one of the messages that it shows. */
interface Step {
  /** Two devices of one person, and one of the other. */
  readonly who: 0 | 1 | 2;
  readonly what: 'write' | 'answer' | 'edit' | 'react' | 'take back' | 'read' | 'wait' | 'restart';
  readonly target: number;
}

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    who: fc.constantFrom(0 as const, 1 as const, 2 as const),
    what: fc.constantFrom(
      ...(['write', 'answer', 'edit', 'react', 'take back', 'read', 'wait', 'restart', 'restart'] as const),
    ),
    target: fc.nat(20),
  }),
  { maxLength: 14 },
);

function act({ engine }: Device, other: string, { what, target }: Step): void {
  const shown = engine
    .messages(other, { limit: 200 })
    .messages.filter(({ kind, deleted }) => kind === 'message' && !deleted);
  const any = shown[target % Math.max(shown.length, 1)];
  const ours = shown.filter(({ direction }) => direction === 'out');
  const own = ours[target % Math.max(ours.length, 1)];
  if (what === 'write') engine.send(other, `text ${target}`);
  else if (what === 'read') engine.markRead(other);
  else if (what === 'answer' && any) engine.send(other, { body: `answer ${target}`, quotedMessageId: any.id });
  else if (what === 'react' && any)
    engine.react(any.id, '👍', !any.reactions.some(({ authors }) => authors.includes(engine.account().accountId)));
  else if (what === 'edit' && own) engine.edit(own.id, `edited ${target}`);
  else if (what === 'take back' && own) engine.deleteForEveryone([own.id]);
}

/**
 * Everything about the conversation that all devices must agree on. What is taken back before it has left is a trace only
 * where it was written.
 */
function said(device: Device, other: string): unknown[] {
  return texts(device, other)
    .filter(({ deleted }) => !deleted)
    .map(({ author, sentAt, body, edited, reactions, quote }) => ({
      author,
      sentAt,
      body,
      edited,
      reactions: reactions.map(({ emoji, authors }) => [emoji, authors.toSorted()]),
      quote: quote && { author: quote.author, sentAt: quote.sentAt, body: quote.body },
    }));
}

test('whatever two people do on three devices, with a restart between any two steps, all show the same', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (steps) => {
      party = new Party();
      const [a, b] = await party.acquainted();
      const devices = [a, party.start(ALICE), b];
      await party.settle();
      for (const step of steps) {
        const isAlice = step.who !== 2;
        if (step.what === 'wait') await party.clock.advance(step.target * 100);
        else if (step.what === 'restart')
          devices[step.who] = await party.restart(devices[step.who]!, isAlice ? ALICE : BOB);
        else act(devices[step.who]!, isAlice ? bob : alice, step);
        await party.clock.advance(1);
      }
      await party.clock.advance(40_000);
      const [first, second, theirs] = devices as [Device, Device, Device];
      expect(said(second, bob)).toEqual(said(first, bob));
      expect(said(theirs, alice)).toEqual(said(first, bob));
      await party.end();
    }),
    { numRuns: 15 },
  );
}, 120_000);
