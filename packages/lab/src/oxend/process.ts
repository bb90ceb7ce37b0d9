import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { encodeBt } from '@sotto/wire/bt';
import { swarmParameters } from '@sotto/wire/swarm';
import { Chain, type SavedChain } from './chain.ts';
import { type Connection, OmqListener } from './omq-listener.ts';
import type { Mood, OxendCommand, OxendInput } from './oxend-process.ts';
import { answerRpc, RPC_NAMES } from './rpc.ts';

/**
 * A stand-in for oxend, for tests: one process that is the daemon of every node of a network, each on a socket of its own
 * (node-network §10.5). Commands come as lines on standard input, events leave as lines on standard output, and what it
 * knows is in one file, so that it can be killed and started again.
 */
const lines = createInterface({ input: process.stdin });
lines.once('close', () => process.exit(0));
process.on('SIGTERM', () => process.exit(0));
const input = await new Promise<OxendInput>((resolve) => lines.once('line', (line) => resolve(JSON.parse(line))));

const { minimum, ideal, margin } = input.swarms;
const parameters = swarmParameters(minimum, ideal, margin);
const chain = new Chain(JSON.parse(readFileSync(input.statePath, 'utf8')) as SavedChain, parameters);
let mood: Mood = { kind: 'well' };

const subscribers = new Map<string, Set<Connection>>([
  ['sub.block', new Set()],
  ['sub.snode_addr', new Set()],
]);

const listeners = input.listen.map(
  (place, own) =>
    new OmqListener(place, [...RPC_NAMES, ...subscribers.keys()], async (name, data, connection) => {
      if (mood.kind === 'slow') await delay(mood.milliseconds);
      if (mood.kind === 'failing') return [Buffer.from('500'), Buffer.from('Daemon is busy')];
      const list = subscribers.get(name);
      if (list) return [Buffer.from(subscribe(list, connection))];
      const [code, body] = answerRpc(chain, own, name, data, input.host, say);
      save();
      return [Buffer.from(code), Buffer.from(body)];
    }),
);
const ports = await Promise.all(listeners.map((listener) => listener.listen()));
say({ event: 'ready', ports });
lines.on('line', (line) => obey(JSON.parse(line) as OxendCommand));

function subscribe(list: Set<Connection>, connection: Connection): 'OK' | 'ALREADY' {
  const isNew = !list.has(connection);
  list.add(connection);
  return isNew ? 'OK' : 'ALREADY';
}

function obey(command: OxendCommand): void {
  switch (command.do) {
    case 'mine':
      chain.mine();
      announce('sub.block', 'notify.block', [Buffer.from(String(chain.height)), chain.hash]);
      break;
    case 'status':
      chain.nodes[command.node]!.status = command.status;
      break;
    case 'fork':
      chain.hardFork = command.hardFork;
      break;
    case 'name':
      chain.names[command.hash] = command.record;
      break;
    case 'mood':
      mood = command.mood;
      break;
    case 'move': {
      const { keys, published } = chain.nodes[command.node]!;
      const [ip, sh, sq] = [command.ip, published?.httpsPort ?? 0, published?.omqPort ?? 0];
      const notice = { K: keys.legacy.publicKey, Kx: keys.x25519.publicKey, ip, sh, sq, vs: [2, 11, 3] };
      announce('sub.snode_addr', 'notify.snode_addr', [encodeBt(notice)]);
      break;
    }
  }
  save();
  say({ event: 'done', do: command.do, chain: chain.save() });
}

function announce(list: string, command: string, data: readonly Uint8Array[]): void {
  const set = subscribers.get(list)!;
  for (const connection of set) if (!connection.push(command, data)) set.delete(connection);
}

/** As a whole, since we may be killed at any moment. */
function save(): void {
  writeFileSync(`${input.statePath}.new`, JSON.stringify(chain.save()), { mode: 0o600 });
  renameSync(`${input.statePath}.new`, input.statePath);
}

function say(event: object): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}
