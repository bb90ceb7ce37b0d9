import { expect, test } from 'vitest';
import { bytesToHex } from '../bytes/index.ts';
import { classifyGuardAnswer, type GuardVerdict } from './guard-answer.ts';
import { classifyNodeReply } from './node-verdict.ts';
import { seededRandom, type TestNode, testNodes } from './test-nodes.ts';

const all = testNodes(5, seededRandom('guard-answer'));
const path = all.slice(0, 3);
const [guard, middle, exit, destination, stranger] = all.map(({ ed25519Key }) => bytesToHex(ed25519Key));
const toNode = { kind: 'node', ed25519Key: (all[3] as TestNode).ed25519Key } as const;
const toServer = { kind: 'server' } as const;

const retry: GuardVerdict = { action: 'strike-path', retry: true };
const fail: GuardVerdict = { action: 'strike-path', retry: false };
const unreachable: GuardVerdict = { action: 'server-unreachable' };
const serverError = (status: number): GuardVerdict => ({ action: 'server-error', status });
const remove = (node?: string): GuardVerdict => ({ action: 'remove-node', node: node! });
const strike = (node: string | undefined, strikePath: boolean): GuardVerdict => ({
  action: 'strike-node',
  node: node!,
  strikePath,
});

/** status, body, verdict for a node destination, verdict for a server destination. */
const ROWS: readonly (readonly [number, string, GuardVerdict, GuardVerdict])[] = [
  [200, 'c2VhbGVk', { action: 'open' }, { action: 'open' }],
  [200, '', retry, retry],
  // Next node not found: only whom a hop of this path had to find.
  [502, `Next node not found: ${middle}`, remove(middle), remove(middle)],
  [502, `Next node not found: ${exit}`, remove(exit), remove(exit)],
  [502, `Next node not found: ${exit?.toUpperCase()}\n`, remove(exit), remove(exit)],
  [500, `Next node not found: ${exit}`, remove(exit), remove(exit)],
  [502, `Next node not found: ${destination}`, remove(destination), retry],
  [502, `Next node not found: ${guard}`, retry, retry],
  [502, `Next node not found: ${stranger}`, retry, retry],
  [502, 'Next node not found: ', retry, retry],
  [502, `Next node not found: ${exit}00`, retry, retry],
  // Known, but without contact details: one strike.
  [502, `Next node is currently unreachable: ${exit}`, strike(exit, true), strike(exit, true)],
  [502, `Next node is currently unreachable: ${stranger}`, retry, retry],
  // Some node of the path, the guard included.
  [503, `Snode not ready: ${guard}`, strike(guard, false), strike(guard, false)],
  [503, `Snode not ready: ${middle}`, strike(middle, false), strike(middle, false)],
  [503, `Snode not ready: ${destination}`, strike(destination, false), retry],
  [503, `Snode not ready: ${stranger}`, retry, retry],
  [503, 'Service node is not ready: not in any swarm\n', { action: 'strike-guard' }, { action: 'strike-guard' }],
  [503, 'Server busy, try again later', { action: 'strike-guard' }, { action: 'strike-guard' }],
  [503, 'maintenance', retry, serverError(503)],
  [504, 'Request time out', retry, retry],
  [500, 'Invalid response from snode', retry, retry],
  [500, 'boom', retry, serverError(500)],
  // The clock: only a server's front end can say that outside.
  [406, 'clock', retry, { action: 'resync-clock' }],
  [425, 'clock', retry, { action: 'resync-clock' }],
  // 421 is the destination's to say, inside.
  [421, '{"snodes":[]}', retry, retry],
  [502, 'could not resolve host', retry, unreachable],
  [504, 'timed out', retry, unreachable],
  [400, 'Invalid ciphertext', fail, fail],
  [400, 'Error parsing onion request: too short', fail, fail],
  [400, 'Invalid internal onion request: no', fail, fail],
  [400, 'onion request max path length exceeded', fail, fail],
  [400, 'Bad Request', fail, serverError(400)],
  [404, 'post /onion_req/v2 Not Found', retry, serverError(404)],
  [413, 'Request body too large', retry, serverError(413)],
  [301, '', retry, serverError(301)],
];

test.each(ROWS)('outside, %i %j', (status, body, forNode, forServer) => {
  expect(classifyGuardAnswer(status, body, path, toNode)).toEqual(forNode);
  expect(classifyGuardAnswer(status, body, path, toServer)).toEqual(forServer);
});

test.each([
  [200, '{}', { action: 'done' }],
  [400, 'invalid request: x', { action: 'refused' }],
  [401, '', { action: 'unauthorized' }],
  [406, '', { action: 'resync-clock' }],
  [425, '', { action: 'resync-clock' }],
  [421, '{"snodes":[]}', { action: 'wrong-swarm' }],
  [403, '', { action: 'refused' }],
  [404, '', { action: 'refused' }],
  [500, 'request failed', { action: 'strike-destination' }],
  [503, 'Snode not ready', { action: 'strike-destination' }],
  [502, `Next node not found: ${exit}`, { action: 'remove-node', node: exit }],
  [502, `Next node not found: ${destination}`, { action: 'remove-node', node: destination }],
  [502, `Next node not found: ${stranger}`, { action: 'strike-destination' }],
  [404, `Next node not found: ${stranger}`, { action: 'refused' }],
])('inside, %i %j', (status, body, verdict) => {
  expect(classifyNodeReply(status, body, path, toNode)).toEqual(verdict);
});
