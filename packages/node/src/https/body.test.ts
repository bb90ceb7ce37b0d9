import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { ByteBudget } from '../net/byte-budget.ts';
import { MAX_BODY_BYTES, readBody } from './body.ts';

const CLIENT = '192.0.2.1';
const requestOf = (...parts: Buffer[]) => Readable.from(parts) as unknown as IncomingMessage;

test('the parts of a body are joined', async () => {
  const budget = new ByteBudget(100, 100);
  expect(await readBody(requestOf(Buffer.from('ab'), Buffer.from('c')), CLIENT, budget)).toEqual(Buffer.from('abc'));
  expect(await readBody(requestOf(), CLIENT, budget)).toEqual(Buffer.alloc(0));
});

test('what all bodies take together is bounded, and comes back when a body is refused', async () => {
  const budget = new ByteBudget(10, 10);
  expect(await readBody(requestOf(Buffer.alloc(6)), CLIENT, budget)).toHaveLength(6);
  expect(await readBody(requestOf(Buffer.alloc(3), Buffer.alloc(3)), CLIENT, budget)).toBe('busy');
  expect(await readBody(requestOf(Buffer.alloc(4)), CLIENT, budget)).toHaveLength(4);
  budget.give(CLIENT, 10);
  expect(await readBody(requestOf(Buffer.alloc(10)), CLIENT, budget)).toHaveLength(10);
});

test('a body over the limit is given up as soon as it is', async () => {
  const budget = new ByteBudget(4 * MAX_BODY_BYTES, 4 * MAX_BODY_BYTES);
  expect(await readBody(requestOf(Buffer.alloc(MAX_BODY_BYTES), Buffer.alloc(1)), CLIENT, budget)).toBe('too-large');
  expect(await readBody(requestOf(Buffer.alloc(MAX_BODY_BYTES)), CLIENT, budget)).toHaveLength(MAX_BODY_BYTES);
});

test('a connection that breaks is no exception', async () => {
  const breaking = new Readable({
    read() {
      this.destroy(new Error('reset'));
    },
  });
  expect(await readBody(breaking as unknown as IncomingMessage, CLIENT, new ByteBudget(10, 10))).toBe('aborted');
});
