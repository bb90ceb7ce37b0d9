import { randomBytes } from 'node:crypto';
import { hexToBytes } from '@sotto/wire/bytes';
import { buildOnion, type OnionNode } from '@sotto/wire/onion';
import { accountSigner, buildInfo, buildRetrieve, buildStore } from '@sotto/wire/rpc';
import { type Account, makeAccounts } from './accounts.ts';
import { HttpsLine, type Line, post } from './https-line.ts';
import { OmqLine } from './omq-line.ts';
import { type Plan, type Target, warmUpMs } from './plan.ts';

/** One connection and what goes over it; no request when there are none left. */
export interface Work {
  readonly line: Line;
  next(): Uint8Array | undefined;
  /** How many there are at first; absent: without end. */
  readonly total?: number;
}

const MESSAGE_BYTES = 1024;
const TTL_MS = 86_400_000;
const RPC = '/storage_rpc/v1';
const ONION = '/onion_req/v2';
const RELAYS = 3;
/** Signed or sealed once and sent again and again: to the nodes every one is new. */
const REPEATED = 240;
/** Messages must differ, so these are all made before; enough for the fastest nodes. */
const ONION_STORES_A_SECOND = 1000;

/** Opens the connections of a plan, and makes its requests and what they need. */
export async function prepareWork(plan: Plan): Promise<Work[]> {
  const { targets, connections } = plan;
  const [first] = targets as [Target];
  switch (plan.name) {
    case 'info':
      return httpsWork(connections, first, () => cycled([post(RPC, json(buildInfo()))]));
    case 'store':
    case 'swarm-store':
      return httpsWork(connections, first, () => stores(first));
    case 'omq-store':
      return omqWork(connections, first);
    case 'retrieve':
    case 'retrieve-nothing': {
      const requests = await retrieves(targets, 1, plan.name === 'retrieve-nothing');
      return httpsWork(connections, first, () => cycled(requests.map(({ body }) => post(RPC, body))));
    }
    case 'onion-info': {
      const body = json(buildInfo());
      return onionWork(connections, targets, (guard, share) =>
        Array.from({ length: REPEATED / share }, () => onion(guard, pick(targets, [guard]), body, targets)),
      ).then(repeated);
    }
    case 'onion-retrieve': {
      const requests = await retrieves(targets, 2, false);
      return onionWork(connections, targets, (guard) =>
        requests
          .filter(({ account }) => account.node !== guard)
          .map(({ account, body }) => onion(guard, account.node, body, targets)),
      ).then(repeated);
    }
    case 'onion-store': {
      const accounts = makeAccounts(REPEATED, targets);
      const count = Math.ceil(((plan.seconds + warmUpMs(targets.length) / 1000) * ONION_STORES_A_SECOND) / connections);
      return onionWork(connections, targets, (guard) => {
        const mine = accounts.filter(({ node }) => node !== guard);
        return Array.from({ length: count }, (_, index) => {
          const account = mine[index % mine.length]!;
          return onion(guard, account.node, storeBody(account), targets);
        });
      }).then(once);
    }
  }
}

async function httpsWork(count: number, target: Target, requests: () => () => Uint8Array): Promise<Work[]> {
  const lines = await Promise.all(Array.from({ length: count }, () => HttpsLine.open(target.httpsPort)));
  return lines.map((line) => ({ line, next: requests() }));
}

async function omqWork(count: number, target: Target): Promise<Work[]> {
  const lines = await Promise.all(Array.from({ length: count }, () => OmqLine.open(target, 'storage.store')));
  const accounts = makeAccounts(count, [target]);
  return lines.map((line, index) => ({ line, next: () => json(storeRequest(accounts[index]!).params) }));
}

interface Prepared {
  readonly line: Line;
  readonly requests: readonly Uint8Array[];
}

/** Connections to all nodes in turn, with requests for which that node is the guard. */
async function onionWork(
  count: number,
  targets: readonly Target[],
  make: (guard: Target, share: number) => Uint8Array[],
): Promise<Prepared[]> {
  const guards = Array.from({ length: count }, (_, index) => targets[index % targets.length]!);
  const lines = await Promise.all(guards.map((guard) => HttpsLine.open(guard.httpsPort)));
  return lines.map((line, index) => ({ line, requests: make(guards[index]!, count).map((body) => post(ONION, body)) }));
}

function repeated(prepared: readonly Prepared[]): Work[] {
  return prepared.map(({ line, requests }) => ({ line, next: cycled(requests) }));
}

function once(prepared: readonly Prepared[]): Work[] {
  return prepared.map(({ line, requests }) => {
    const left = requests.values();
    return { line, next: () => left.next().value, total: requests.length };
  });
}

function cycled(requests: readonly Uint8Array[]): () => Uint8Array {
  let index = Math.floor(Math.random() * requests.length);
  return () => requests[index++ % requests.length]!;
}

/** Stores of new messages, to one mailbox after the other. */
function stores(target: Target): () => Uint8Array {
  const accounts = makeAccounts(16, [target]);
  let index = 0;
  return () => post(RPC, storeBody(accounts[index++ % accounts.length]!));
}

/** Signed retrieves of mailboxes with so many messages, or from behind the last of them. */
async function retrieves(
  targets: readonly Target[],
  messages: number,
  nothingNew: boolean,
): Promise<{ account: Account; body: Uint8Array }[]> {
  const accounts = makeAccounts(REPEATED / 4, targets);
  const lines = new Map<Target, HttpsLine>();
  for (const target of targets) lines.set(target, await HttpsLine.open(target.httpsPort));
  const requests = [];
  for (const account of accounts) {
    let lastHash: string | null = null;
    for (let index = 0; index < messages; index++) {
      const { status, body } = await lines.get(account.node)!.exchange(post(RPC, storeBody(account)));
      if (status !== 200) throw new Error(`a store was answered ${status}`);
      if (nothingNew) lastHash = JSON.parse(Buffer.from(body).toString()).hash;
    }
    const signer = accountSigner(account.id, account.keys);
    requests.push({ account, body: json(buildRetrieve(signer, { timestamp: Date.now(), lastHash })) });
  }
  for (const line of lines.values()) line.close();
  return requests;
}

function storeBody(account: Account): Uint8Array {
  return json(storeRequest(account));
}

function storeRequest({ id }: Account) {
  return buildStore({ accountId: id, data: randomBytes(MESSAGE_BYTES), timestamp: Date.now(), ttl: TTL_MS });
}

/** A request through a guard and two more nodes. */
function onion(guard: Target, destination: Target, body: Uint8Array, targets: readonly Target[]): Uint8Array {
  const path = [guard];
  while (path.length < RELAYS) path.push(pick(targets, [...path, destination]));
  return buildOnion({
    path: path.map(onionNode),
    destination: { kind: 'node', ...onionNode(destination), body },
    random: randomBytes,
  }).body;
}

function pick(targets: readonly Target[], except: readonly Target[]): Target {
  const free = targets.filter((target) => !except.includes(target));
  return free[Math.floor(Math.random() * free.length)]!;
}

function onionNode({ ed25519, x25519 }: Target): OnionNode {
  return { ed25519Key: hexToBytes(ed25519), x25519Key: hexToBytes(x25519) };
}

function json(request: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(request));
}
