import { expect, test } from 'vitest';
import { bytesToHex, hexToBytes, utf8ToBytes } from '../bytes/index.ts';
import { loadVectors } from '../vectors-loader/index.ts';
import {
  classifyMessage,
  encodeCommand,
  encodeReply,
  encodeRequest,
  HELLO,
  HI,
  newTag,
  nodeRoutingId,
} from './message.ts';
import { PendingRequests, type RequestResult } from './pending-requests.ts';
import { type Caller, type Category, type Route, type RoutingTable, routeCommand } from './routing.ts';

interface Part {
  hex: string;
  text?: string;
}

interface Listener {
  kind: 'listener';
  name: string;
  client_key?: string;
  sent: Part[];
  received: Part[][];
  then_sent?: Part[];
  note?: string;
}

interface Dialler {
  kind: 'dialler';
  name: string;
  listener_receives?: Part[];
  listener_sends?: Part[];
  we_send_on_our_dealer?: Part[];
  arrives_on_our_router?: Part[];
  arrives_on_our_dealer?: Part[];
  callback_success?: boolean;
  callback_data?: Part[];
  connected_callback?: boolean;
}

interface Routing {
  kind: 'routing';
  name: string;
  steps: {
    sent_on_dealer?: Part[];
    sent_on_router?: Part[];
    received_on_dealer?: Part[];
    received_on_router?: Part[];
  }[];
}

type Case = Listener | Dialler | Routing | { kind: ElsewhereKind };

/** Raw bytes of connections are tested by the ZMTP room, keys by that of the nodes, subscriptions with the requests. */
type ElsewhereKind =
  | 'zmtp-curve'
  | 'zmtp-null'
  | 'snode-keys'
  | 'parse-pubkey'
  | 'monitor-request'
  | 'monitor-matching';
const ELSEWHERE: readonly string[] = [
  'zmtp-curve',
  'zmtp-null',
  'snode-keys',
  'parse-pubkey',
  'monitor-request',
  'monitor-matching',
] satisfies ElsewhereKind[];

const { cases } = loadVectors<{ cases: Case[] }>('oxenmq-frames');

cases.forEach((vector, index) => {
  if (ELSEWHERE.includes(vector.kind)) return;
  const name = 'name' in vector ? vector.name : '';
  test(`${vector.kind} ${index}: ${name}`, () => {
    if (vector.kind === 'listener') checkListener(vector as Listener);
    else if (vector.kind === 'dialler') checkDialler(vector as Dialler);
    else if (vector.kind === 'routing') checkRouting(vector as Routing);
    else throw new Error(`unknown kind of vector: ${vector.kind}`);
  });
});

/** The listener that the vectors were recorded with, and what its commands answer. */
const categories: ReadonlyMap<string, Category> = new Map<string, Category>([
  [
    'echo',
    {
      access: 'none',
      commands: new Map([
        ['echo', 'request'],
        ['empty', 'request'],
        ['code', 'request'],
        ['push', 'request'],
        ['ask', 'request'],
        ['fire', 'plain'],
      ]),
    },
  ],
  [
    'adm',
    {
      access: 'admin',
      commands: new Map([
        ['secret', 'request'],
        ['cmd', 'plain'],
      ]),
    },
  ],
  ['rpc', { access: 'basic', commands: new Map([['get', 'request']]) }],
  ['sn', { access: 'none', remoteServiceNode: true, commands: new Map([['ping', 'request']]) }],
  ['local', { access: 'none', localServiceNode: true, commands: new Map([['x', 'request']]) }],
]);

const serverTag = newTag((size) => new Uint8Array(size).fill(0x5a));

const handlers: Record<string, (data: readonly Uint8Array[]) => { reply: readonly Uint8Array[]; also?: Uint8Array[] }> =
  {
    'echo.echo': (data) => ({ reply: data }),
    'echo.empty': () => ({ reply: [] }),
    'echo.code': () => ({ reply: ['400', 'bad thing'].map(utf8ToBytes) }),
    'echo.push': () => ({
      reply: [utf8ToBytes('ok')],
      also: encodeCommand('notify.message', [utf8ToBytes('payload')]),
    }),
    'echo.ask': () => ({
      reply: [utf8ToBytes('asked')],
      also: encodeRequest('client.question', serverTag, [utf8ToBytes('what?')]),
    }),
    'echo.fire': (data) => ({ reply: [], also: encodeCommand('echo.fired', data) }),
    'adm.secret': () => ({ reply: [utf8ToBytes('42')] }),
    'rpc.get': () => ({ reply: ['200', '{}'].map(utf8ToBytes) }),
    'sn.ping': () => ({ reply: [utf8ToBytes('pong')] }),
    'local.x': () => ({ reply: [utf8ToBytes('y')] }),
  };

function checkListener(vector: Listener): void {
  // A peer that is not admitted never gets as far as a message.
  if (vector.client_key === 'denied by ZAP') {
    expect(vector.received).toEqual([]);
    return;
  }
  const table = { categories, localServiceNode: !vector.note?.includes('not running as a service node') };
  const answers = answer(toParts(vector.sent), callerOf(vector.client_key), table);
  const expected = vector.received.map((message) => message.map(({ hex }) => hex));
  if (!vector.then_sent) {
    expect(answers.map((message) => message.map(bytesToHex))).toEqual(expected);
    return;
  }
  // The recorded listener asked back under a random tag of its own; ours differs, and the order is free.
  const recordedTag = bytesToHex(toParts(vector.then_sent)[1]!);
  const withOurTag = expected.map((message) =>
    message.map((hex) => (hex === recordedTag ? bytesToHex(serverTag) : hex)),
  );
  expect(new Set(answers.map((message) => message.map(bytesToHex).join(' ')))).toEqual(
    new Set(withOurTag.map((message) => message.join(' '))),
  );
  const [word, tag, ...data] = toParts(vector.then_sent);
  expect(classifyMessage([word!, tag!, ...data])).toEqual({ kind: 'reply', tag, data });
}

/** What a listener with these commands sends back. */
function answer(parts: Uint8Array[], caller: Caller, table: RoutingTable): Uint8Array[][] {
  const message = classifyMessage(parts);
  if (message.kind === 'hi') return [[...HELLO]];
  if (message.kind !== 'command') return [];
  const route = routeCommand(message, caller, table);
  return route.kind === 'refuse' ? [route.message] : run(route);
}

function run({ category, command, tag, data }: Extract<Route, { kind: 'run' }>): Uint8Array[][] {
  const { reply, also } = handlers[`${category}.${command}`]!(data);
  return [...(tag ? [encodeReply(tag, reply)] : []), ...(also ? [also] : [])];
}

function callerOf(key: string | undefined): Caller {
  const levels: Record<string, Caller['level']> = { admin: 'admin', 'none (NULL mechanism)': 'basic' };
  return { level: levels[key ?? ''] ?? 'none', isServiceNode: key === 'active service node' };
}

function checkDialler(vector: Dialler): void {
  if (vector.connected_callback !== undefined) checkConnect(vector);
  else if (vector.we_send_on_our_dealer) checkOwnRequest(vector.we_send_on_our_dealer, vector.arrives_on_our_dealer!);
  else if (vector.callback_data) checkCallback(vector);
  else if (vector.listener_sends) checkReverse(vector);
  else expect(classifyMessage(toParts(vector.arrives_on_our_dealer!)).kind).toBe('command');
}

/** An explicit connection sends HI and is up when HELLO arrives. */
function checkConnect(vector: Dialler): void {
  const [, ...sent] = toParts(vector.listener_receives!);
  expect(sent).toEqual(HI);
  const [, ...received] = toParts(vector.listener_sends ?? []);
  expect(classifyMessage(received).kind === 'hello').toBe(vector.connected_callback);
}

function checkCallback(vector: Dialler): void {
  const [routingId, name, tag, ...data] = toParts(vector.listener_receives!);
  expect(routingId).toEqual(nodeRoutingId(routingId!.subarray(1)));
  const request = encodeRequest(Buffer.from(name!).toString('latin1'), tag!, data);
  expect(request.map(bytesToHex)).toEqual(vector.listener_receives!.slice(1).map(({ hex }) => hex));

  const [, ...answered] = toParts(vector.listener_sends!);
  const result = outcome(tag!, answered);
  expect(result.ok).toBe(vector.callback_success);
  const callbackData = result.ok ? result.data : [utf8ToBytes(result.error)];
  expect(callbackData.map(bytesToHex)).toEqual(vector.callback_data!.map(({ hex }) => hex));
}

/** What the sender of a request with this tag learns from the message, or from its absence. */
function outcome(tag: Uint8Array, answered: readonly Uint8Array[]): RequestResult {
  const pending = new PendingRequests();
  let result: RequestResult | undefined;
  pending.add(tag, 15_000, (settled) => {
    result = settled;
  });
  const message = classifyMessage(answered);
  if (message.kind === 'reply' || message.kind === 'refusal') pending.answer(message);
  pending.expire(14_999);
  if (result === undefined) expect(pending.size).toBe(1);
  pending.expire(15_000);
  expect(pending.size).toBe(0);
  return result!;
}

/** A command that arrives on a connection that we dialled is handled like any other. */
function checkReverse(vector: Dialler): void {
  const [, ...sent] = toParts(vector.listener_sends!);
  const [, ...received] = vector.listener_receives!;
  const answers = answer(sent, callerOf('active service node'), { categories, localServiceNode: true });
  expect(answers.map((message) => message.map(bytesToHex))).toEqual([received.map(({ hex }) => hex)]);
}

function checkOwnRequest(sent: Part[], received: Part[]): void {
  const [, tag] = toParts(sent);
  expect(outcome(tag!, toParts(received))).toMatchObject({ ok: true });
}

/** Replies are matched by tag on whatever connection they come. */
function checkRouting(vector: Routing): void {
  const pending = new PendingRequests();
  const requested: string[] = [];
  const answered: string[] = [];
  for (const step of vector.steps) {
    // A router's messages begin with the routing id of the connection.
    const sent = [toParts(step.sent_on_dealer ?? []), toParts(step.sent_on_router ?? []).slice(1)];
    const received = [toParts(step.received_on_dealer ?? []), toParts(step.received_on_router ?? []).slice(1)];
    for (const message of sent.map(classifyMessage)) {
      if (message.kind !== 'command') continue;
      const tag = message.parts[0]!;
      requested.push(bytesToHex(tag));
      pending.add(tag, 15_000, (result) => result.ok && answered.push(bytesToHex(tag)));
    }
    for (const message of received.map(classifyMessage)) {
      if (message.kind === 'reply') expect(pending.answer(message)).toBe(true);
    }
  }
  expect(requested.length).toBeGreaterThan(0);
  expect(answered).toEqual(requested);
}

function toParts(parts: readonly Part[]): Uint8Array[] {
  return parts.map(({ hex }) => new Uint8Array(hexToBytes(hex)));
}
