import { expect, test } from 'vitest';
import { type BtValue, decodeBt } from '../bt/index.ts';
import { hexToBytes } from '../bytes/index.ts';
import { loadVectors } from '../vectors-loader/index.ts';
import { monitorReply, parseMonitor, Subscriptions, toBt } from './index.ts';

interface Registration {
  kind: 'monitor';
  name: string;
  /** ms; left out where the request is refused before it matters. */
  clock_ms?: number;
  request_hex: string;
  reply_hex: string;
}

/** The same from another recording, its clock in seconds. */
interface OmqRegistration {
  kind: 'monitor-request';
  name: string;
  now: number;
  request: string;
  reply: string;
}

/** What connections subscribed to in one account, and who is told of a message in each namespace. */
interface Matching {
  kind: 'monitor-matching';
  name?: string;
  subscribed: { connection: number; namespaces: number[]; data: number }[];
  result: { namespace: number; notified_without_data: number[]; notified_with_data: number[] }[];
}

for (const vector of casesOf<Registration>('storage-signatures', 'monitor')) {
  test(`monitor: ${vector.name}`, () => check(vector.request_hex, vector.reply_hex, vector.clock_ms ?? 0));
}

for (const vector of casesOf<OmqRegistration>('oxenmq-frames', 'monitor-request')) {
  test(`monitor-request: ${vector.name}`, () => check(vector.request, vector.reply, vector.now * 1000));
}

casesOf<Matching>('oxenmq-frames', 'monitor-matching').forEach((vector, index) => {
  test(`monitor-matching ${index}: ${vector.name ?? ''}`, () => {
    const subscriptions = new Subscriptions<number>();
    const accountId = `05${'00'.repeat(32)}`;
    for (const { connection, namespaces, data } of vector.subscribed) {
      subscriptions.add(connection, { accountId, namespaces, withData: data !== 0 }, 0);
    }
    const told = (namespace: number, withData: boolean) =>
      subscriptions
        .subscribers(accountId, namespace, 0)
        .filter((subscriber) => subscriber.withData === withData)
        .map(({ connection }) => connection);
    for (const { namespace, notified_without_data, notified_with_data } of vector.result) {
      expect(new Set(told(namespace, false)), String(namespace)).toEqual(new Set(notified_without_data));
      expect(new Set(told(namespace, true)), String(namespace)).toEqual(new Set(notified_with_data));
    }
  });
});

function casesOf<Case extends { kind: string }>(file: string, kind: Case['kind']): Case[] {
  return loadVectors<{ cases: Case[] }>(file).cases.filter((vector) => vector.kind === kind);
}

function check(request: string, reply: string, now: number): void {
  const { isList, outcomes } = parseMonitor(hexToBytes(request), now);
  const replies = [...outcomes].map(monitorReply);
  expect(comparable(toBt(isList ? replies : replies[0]!))).toEqual(comparable(hexToBytes(reply)));
}

/** What the reply says; the text after "Invalid arguments: " is free (storage-rpc §10). */
function comparable(reply: Uint8Array): unknown {
  return plain(decodeBt(reply));
}

function plain(value: BtValue): unknown {
  if (value instanceof Uint8Array)
    return Buffer.from(value)
      .toString('latin1')
      .replace(/^(Invalid arguments: ).*/s, '$1');
  if (Array.isArray(value)) return value.map(plain);
  if (!(value instanceof Map)) return value;
  const { errcode, error, ...rest } = Object.fromEntries([...value].map(([key, item]) => [key, plain(item)]));
  // The reference goes on after the first refusal of an account of a wrong length, and writes what comes of it too.
  return errcode === undefined ? rest : { errcode, error };
}
