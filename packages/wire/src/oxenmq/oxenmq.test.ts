import fc from 'fast-check';
import { expect, test } from 'vitest';
import { utf8ToBytes } from '../bytes/index.ts';
import { classifyMessage, encodeCommand, encodeReply, encodeRequest, newTag } from './message.ts';
import { PendingRequests, type RequestResult } from './pending-requests.ts';
import { type Category, type RoutingTable, routeCommand } from './routing.ts';

const part = fc.uint8Array({ maxLength: 30 });
const parts = fc.array(part, { maxLength: 4 });
const word = fc.constantFrom(
  'REPLY',
  'HI',
  'HELLO',
  'BYE',
  'FORBIDDEN',
  'FORBIDDEN_SN',
  'UNKNOWNCOMMAND',
  'sn.ping',
  '',
);
const anyParts = fc.array(
  fc.oneof(
    part,
    word.map((text) => new Uint8Array(utf8ToBytes(text))),
  ),
  { maxLength: 5 },
);

const categories = new Map<string, Category>([
  [
    'sn',
    {
      access: 'basic',
      localServiceNode: true,
      remoteServiceNode: true,
      commands: new Map([
        ['ping', 'request'],
        ['a.b', 'plain'],
      ]),
    },
  ],
]);
const table: RoutingTable = { categories, localServiceNode: true };
const node = { level: 'basic', isServiceNode: true } as const;

function errorOf(name: string, caller: Parameters<typeof routeCommand>[1], withTable = table): string | null {
  const tag = Uint8Array.of(1);
  const route = routeCommand({ kind: 'command', name, parts: [tag] }, caller, withTable);
  return route.kind === 'refuse' ? route.error : null;
}

test('any message is classified, and only commands are ever answered', () => {
  fc.assert(
    fc.property(anyParts, (message) => {
      const meaning = classifyMessage(message);
      if (meaning.kind !== 'command') return;
      const route = routeCommand(meaning, node, table);
      if (route.kind === 'refuse') expect(classifyMessage(route.message).kind).toMatch(/ignored|refusal/);
    }),
    { numRuns: 1000 },
  );
});

test('requests, replies and commands mean what was put in', () => {
  fc.assert(
    fc.property(part, parts, (tag, data) => {
      expect(classifyMessage(encodeReply(tag, data))).toEqual({ kind: 'reply', tag, data });
      expect(classifyMessage(encodeCommand('sn.a.b', data))).toEqual({ kind: 'command', name: 'sn.a.b', parts: data });
      const request = classifyMessage(encodeRequest('sn.ping', tag, data));
      expect(request).toEqual({ kind: 'command', name: 'sn.ping', parts: [tag, ...data] });
      if (request.kind !== 'command') return;
      expect(routeCommand(request, node, table)).toEqual({ kind: 'run', category: 'sn', command: 'ping', tag, data });
    }),
  );
});

test('a plain command keeps all its parts, and its name may hold dots', () => {
  const data = [Uint8Array.of(1), Uint8Array.of(2)];
  expect(routeCommand({ kind: 'command', name: 'sn.a.b', parts: data }, node, table)).toEqual({
    kind: 'run',
    category: 'sn',
    command: 'a.b',
    tag: null,
    data,
  });
});

test('the checks come in the order of the chapter', () => {
  const stranger = { level: 'none', isServiceNode: false } as const;
  const notANode = { ...table, localServiceNode: false };
  expect(errorOf('sn.other', stranger, notANode)).toBe('UNKNOWNCOMMAND');
  expect(errorOf('sn.ping', stranger, notANode)).toBe('FORBIDDEN');
  expect(errorOf('sn.ping', { ...stranger, level: 'admin' }, notANode)).toBe('NOT_A_SERVICE_NODE');
  expect(errorOf('sn.ping', { ...stranger, level: 'basic' })).toBe('FORBIDDEN_SN');
  expect(errorOf('sn.ping', node)).toBeNull();
});

test('names beyond the limits are unknown', () => {
  const longCategory = 'c'.repeat(51);
  const longCommand = 'n'.repeat(201);
  const odd = new Map(categories);
  odd.set(longCategory, { access: 'none', commands: new Map([['x', 'plain']]) });
  odd.set('c', { access: 'none', commands: new Map([[longCommand, 'plain']]) });
  odd.set('', { access: 'none', commands: new Map([['x', 'plain']]) });
  for (const name of [`${longCategory}.x`, `c.${longCommand}`, '.x']) {
    expect(errorOf(name, node, { ...table, categories: odd })).toBe('UNKNOWNCOMMAND');
  }
});

test('a request is settled once, by its own tag or its own deadline', () => {
  const pending = new PendingRequests();
  const results: [string, RequestResult][] = [];
  const tags = [1, 2, 3].map((byte) => newTag((size) => new Uint8Array(size).fill(byte)));
  for (const [index, tag] of tags.entries()) {
    pending.add(tag, 1000 + index, (result) => results.push([`request ${index}`, result]));
  }
  expect(pending.answer({ kind: 'reply', tag: Uint8Array.of(1), data: [] })).toBe(false);
  expect(pending.answer({ kind: 'reply', tag: tags[1]!, data: [] })).toBe(true);
  expect(pending.answer({ kind: 'reply', tag: tags[1]!, data: [] })).toBe(false);
  pending.expire(1000);
  pending.expire(1001);
  expect(pending.fail(tags[2]!)).toBe(true);
  expect(pending.fail(tags[2]!)).toBe(false);
  expect(pending.size).toBe(0);
  expect(results).toEqual([
    ['request 1', { ok: true, data: [] }],
    ['request 0', { ok: false, error: 'TIMEOUT' }],
    ['request 2', { ok: false, error: 'TIMEOUT' }],
  ]);
});
