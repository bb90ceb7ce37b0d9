import { expect, test } from 'vitest';
import type { NetworkFacts } from '../commands/network-show.ts';
import { describeNetwork } from './describe-network.ts';

const KEYS = ['a', 'b', 'c'].map((digit) => digit.repeat(64)) as [string, string, string];

const facts = (changes: Partial<NetworkFacts> = {}): NetworkFacts => ({
  name: 'Three offices',
  id: 'd'.repeat(64),
  threshold: 2,
  successions: 0,
  directory: { epoch: 5, digest: 'e'.repeat(64), validFrom: 0, validUntil: 1, expired: false },
  authorities: KEYS.map((key, index) => ({
    key,
    urls: [`https://10.0.${index}.1:22022`],
    signed: index < 2,
    answers: true,
    round: { epoch: 5, result: 'published' },
    proposal: null,
    evidence: [],
  })),
  sources: [],
  nodes: [1, 2, 3].map((index) => ({
    key: `${index}`.repeat(64),
    address: `10.0.${index}.2:22021`,
    swarm: '0',
    reachedBy: 3,
    testedBy: 3,
  })),
  routes: { relays: 2, needed: 3, apart: 3 },
  contradictions: [],
  history: null,
  ...changes,
});

const text = (changes: Partial<NetworkFacts> = {}) => describeNetwork(facts(changes)).join('\n');
const first = (change: Partial<NetworkFacts['authorities'][number]>): Partial<NetworkFacts> => ({
  authorities: facts().authorities.map((each, index) => (index === 0 ? { ...each, ...change } : each)),
});
const entry = { epoch: 5, validFrom: 0, digest: 'e'.repeat(64), nodes: 3, successions: 0, conflict: false };

test('a healthy network', () => {
  expect(text()).toContain('✓ Everything is in order.');
  expect(text()).toContain('aaaaaaaa…  https://10.0.0.1:22022  signed; last round 5: published');
  expect(text()).toContain('cccccccc…  https://10.0.2.1:22022  did not sign');
  expect(text()).toContain('Nodes: 3, in 1 group ');
});

test.each<[string, Partial<NetworkFacts>]>([
  ['The list is out of date.', { directory: { ...facts().directory!, expired: true } }],
  ['Authority aaaaaaaa… does not answer.', first({ answers: false, round: null })],
  ['Node 11111111… at 10.0.1.2:22021 is not reached.', { nodes: [{ ...facts().nodes[0]!, reachedBy: 1 }] }],
  ['https://10.0.0.1:22022 is behind, at list 3.', { sources: [{ url: 'https://10.0.0.1:22022', epoch: 3 }] }],
  ['No message can travel: 3 relays and a mailbox', { routes: { relays: 3, needed: 4, apart: 3 } }],
  [
    'There is a second list 5, signed by bbbbbbbb…, cccccccc….',
    {
      contradictions: [{ ...entry, signers: KEYS.slice(1), conflict: true }],
    },
  ],
  ['cccccccc… in round 4 (votes)', first({ evidence: [{ authority: KEYS[2].slice(0, 16), epoch: 4, what: 'votes' }] })],
])('%s', (sentence, changes) => {
  expect(text(changes)).toContain(`! `);
  expect(text(changes)).toContain(sentence);
  expect(text(changes)).not.toContain('✓');
});

test('who signed what before', () => {
  const history = [
    { ...entry, signers: KEYS.slice(0, 2) },
    { ...entry, signers: [KEYS[2]], conflict: true },
  ];
  expect(text({ history })).toContain('5  1970-01-01 00:00  3 nodes, signed by aaaaaaaa…, bbbbbbbb…');
  expect(text({ history })).toContain('CONTRADICTS the list of that number, signed by cccccccc…');
});

test('the command with which others agree to a change', () => {
  const fresh = { key: 'f'.repeat(64), urls: ['https://10.0.9.1:22022'] };
  const of = (authorities: readonly { key: string; urls: readonly string[] }[]) =>
    text(first({ proposal: { number: 1, threshold: 2, authorities } }));
  const before = facts().authorities;
  expect(of([...before, fresh])).toContain(`authority add ${fresh.key}@${fresh.urls[0]} --threshold 2 --network FILE`);
  expect(of(before.slice(1))).toContain(`authority remove ${KEYS[0]} --threshold 2`);
  expect(of([...before.slice(1), fresh])).toContain(`authority replace ${KEYS[0]} ${fresh.key}@${fresh.urls[0]}`);
});

test('names cannot command the terminal', () => {
  expect(text({ name: 'Field\u001b[2Jdesk' })).not.toContain('\u001b');
});
