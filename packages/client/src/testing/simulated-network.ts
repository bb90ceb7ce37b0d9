import { type Directory, type NetworkFile, networkId, signDirectory } from '@sotto/directory';
import { bytesToBase64, bytesToHex, hexToBytes, type Random, utf8ToBytes } from '@sotto/wire/bytes';
import { ed25519KeyPair, ed25519Sign } from '@sotto/wire/crypto';
import { deriveNodeKeys, type NodeKeys } from '@sotto/wire/nodes';
import {
  type EdgeRequest,
  INVALID_JSON,
  type NodeAnswer,
  parseEdgeBody,
  peelLayer,
  sealNodeReply,
  serverUrl,
} from '@sotto/wire/onion';
import { storeMemberBytes } from '@sotto/wire/rpc';
import { accountTextPosition, swarmOfPosition } from '@sotto/wire/swarm';
import { type HttpAnswer, type HttpLimits, type Transport, TransportError } from '../network/transport.ts';
import type { Clock } from '../surroundings.ts';
import { answerRpc, type KeptMessage, methodOf } from './mailbox-node.ts';
import { seededRandom } from './seeded-random.ts';

/** How a simulated node behaves as a whole or as a destination. */
type Behaviour =
  | 'honest'
  /** Nothing comes back from it, and nothing gets in. */
  | 'dead'
  /** Its machine refuses connections. */
  | 'refusing'
  /** Answers `info` itself but passes nothing on. */
  | 'not-relaying'
  /** As a destination it answers bytes that are no answer. */
  | 'garbage'
  /** As a destination it claims that the guard's machine is starting. */
  | 'framing'
  /** As a destination it does what it is asked and then says nothing. */
  | 'answer-lost'
  /** As a destination it sends everybody to the nodes in `misdirection`. */
  | 'misdirecting'
  /** As a destination it says that it has stored what it throws away. */
  | 'swallowing'
  /** Gives messages whose data is not what their hash says. */
  | 'forging';

/** One simulated node. */
export interface SimulatedNode {
  readonly key: string;
  readonly keys: NodeKeys;
  address: string;
  swarmId: bigint;
  behaviour: Behaviour;
  /** Its clock is ahead by this, ms. */
  clockAhead: number;
  kept: KeptMessage[];
  /** What it answers over paths instead of the directory that is served; `null`: it does not know the method. */
  directory: Uint8Array | null | undefined;
  /** Destinations to which it passes nothing on. */
  readonly blocked: Set<string>;
  /** Exits that it never answers as a destination. */
  readonly ignored: Set<string>;
}

/** What a simulated network consists of. */
export interface SimulationOptions {
  readonly clock: Clock;
  readonly nodes?: number;
  readonly nodesPerSwarm?: number;
  readonly oneSite?: boolean;
  readonly ip?: (index: number) => string;
}

const LATENCY_MS = 20;

/**
 * A whole network in memory: onions are really peeled, requests really checked. Everything that a client sends through
 * `transport` is noted in `posts`.
 */
export class SimulatedNetwork {
  readonly nodes: readonly SimulatedNode[];
  readonly file: NetworkFile;
  /** Who was posted to, and what for. */
  readonly posts: { readonly node: SimulatedNode; readonly path: string; readonly bytes: number }[] = [];
  /** Whom the directory was fetched from: `host:port`. */
  readonly fetched: string[] = [];
  /** Destinations of onions, as only they themselves see them, and who passed the onion to them. */
  readonly reached: { readonly node: SimulatedNode; readonly method: string; readonly exit: string | null }[] = [];
  /** What servers outside answer to what exits post to them, by URL; those that are missing cannot be reached. */
  readonly servers = new Map<string, (layer: Uint8Array, exit: SimulatedNode) => HttpAnswer | 'silence'>();
  /** This machine has no network. */
  isOffline = false;
  /** Relays say 504 at once about a next node that is dead, instead of nothing for long. */
  reportsTimeouts = false;
  misdirection: readonly string[] = [];
  readonly #clock: Clock;
  readonly #random: Random = seededRandom('simulated network');
  readonly #authority = ed25519KeyPair(new Uint8Array(32).fill(7));
  #epoch = 0;
  #directory: Uint8Array = new Uint8Array();

  constructor({ clock, nodes = 12, nodesPerSwarm = 3, oneSite = true, ip = () => '127.0.0.1' }: SimulationOptions) {
    this.#clock = clock;
    this.nodes = Array.from({ length: nodes }, (_, index) => {
      const keys = deriveNodeKeys(new Uint8Array(32).fill(index + 1));
      return {
        key: bytesToHex(keys.ed25519.publicKey),
        keys,
        address: `${ip(index)}:${22_000 + index}`,
        swarmId: BigInt(Math.floor(index / nodesPerSwarm)) * (2n ** 64n / BigInt(nodes)) + 1n,
        behaviour: 'honest',
        clockAhead: 0,
        kept: [],
        directory: undefined,
        blocked: new Set(),
        ignored: new Set(),
      };
    });
    this.file = {
      sotto: 1,
      name: 'Simulation',
      created: 1,
      authorities: [{ key: bytesToHex(this.#authority.publicKey), urls: ['https://authority:1'] }],
      threshold: 1,
      seeds: ['https://seed:1'],
      parameters: { swarmMin: 3, swarmIdeal: 3, swarmMargin: 0, relays: 3, join: 'listed', oneSite },
      communities: [],
    };
    this.publish();
  }

  /** Signs a new directory of the nodes as they are. */
  publish(changes: Partial<Directory> = {}): void {
    const directory: Directory = {
      networkId: networkId(this.file),
      epoch: ++this.#epoch,
      validFrom: this.#clock.now(),
      validUntil: this.#clock.now() + 7 * 86_400_000,
      nodes: this.nodes.map(({ keys, swarmId, address }) => ({
        ed25519Key: keys.ed25519.publicKey,
        swarmId,
        ip: address.split(':')[0]!,
        httpsPort: Number(address.split(':')[1]),
        omqPort: 1,
        version: [2, 11, 3],
      })),
      parameters: this.file.parameters,
      ...changes,
    };
    this.#directory = signDirectory(directory, [this.#authority]);
  }

  /** Serves these bytes as the directory. */
  serve(directory: Uint8Array): void {
    this.#directory = directory;
  }

  /** The signed directory that is served now. */
  directory(): Uint8Array {
    return this.#directory;
  }

  /** The nodes that really keep an account's mailbox. */
  swarm(accountId: string): SimulatedNode[] {
    const ids = [...new Set(this.nodes.map(({ swarmId }) => swarmId))].sort((a, b) => (a < b ? -1 : 1));
    const id = swarmOfPosition(accountTextPosition(accountId), ids);
    return this.nodes.filter(({ swarmId }) => swarmId === id);
  }

  /** All messages for an account, each once. */
  mailbox(accountId: string): KeptMessage[] {
    const all = this.swarm(accountId).flatMap(({ kept }) => kept.filter((message) => message.accountId === accountId));
    return [...new Map(all.map((message) => [message.hash, message])).values()];
  }

  node(key: string): SimulatedNode {
    return this.nodes.find((node) => node.key === key)!;
  }

  transport(): Transport {
    return {
      post: (url, body, limits) => this.#post(new URL(url), body, limits),
      get: (url, headers, limits) => this.#get(new URL(url), headers, limits),
      close: () => {},
    };
  }

  async #get(url: URL, _headers: Readonly<Record<string, string>>, limits: HttpLimits): Promise<HttpAnswer> {
    this.fetched.push(url.host);
    const node = this.nodes.find(({ address }) => address === url.host);
    await this.#travel(node, limits);
    return { status: 200, body: this.#directory };
  }

  async #post(url: URL, body: Uint8Array, limits: HttpLimits): Promise<HttpAnswer> {
    const node = this.nodes.find(({ address }) => address === url.host);
    if (!node) {
      await this.#travel(undefined, limits);
      throw new TransportError('unreachable');
    }
    this.posts.push({ node, path: url.pathname, bytes: body.length });
    await this.#travel(node, limits);
    if (url.pathname === '/storage_rpc/v1') {
      const answer = this.#answer(node, body);
      return { status: answer.status, body: utf8ToBytes(textOf(answer)) };
    }
    const answer = this.#hop(node, parseEdgeBody(body));
    if (answer === 'silence') return await this.#silence(limits);
    return answer;
  }

  async #travel(node: SimulatedNode | undefined, limits: HttpLimits): Promise<void> {
    await this.#clock.sleep(LATENCY_MS, limits.signal);
    if (limits.signal.aborted) throw new TransportError('aborted');
    if (this.isOffline) throw new TransportError('offline');
    if (node?.behaviour === 'refusing') throw new TransportError('unreachable');
    if (node?.behaviour === 'dead') await this.#silence(limits);
  }

  async #silence(limits: HttpLimits): Promise<never> {
    await this.#clock.sleep(limits.timeoutMs, limits.signal);
    throw new TransportError(limits.signal.aborted ? 'aborted' : 'timeout');
  }

  /** What a node makes of a layer, and all nodes behind it. */
  #hop(node: SimulatedNode, layer: EdgeRequest, from: SimulatedNode | null = null): HttpAnswer | 'silence' {
    if (node.behaviour === 'dead' || node.behaviour === 'refusing') return 'silence';
    if (layer.hopNumber > 15) return plain(400, 'onion request max path length exceeded');
    const peeled = peelLayer(node.keys.x25519, layer);
    switch (peeled.kind) {
      case 'invalid-ciphertext':
        return plain(400, 'Invalid ciphertext');
      case 'invalid-json':
        return { status: 200, body: sealNodeReply(peeled.replyKey, INVALID_JSON, this.#random) };
      case 'relay-server':
        return this.servers.get(serverUrl(peeled) ?? '')?.(peeled.payload, node) ?? plain(502, 'Server not reachable');
      case 'relay-node': {
        const key = bytesToHex(peeled.destination);
        if (node.behaviour === 'not-relaying' || node.blocked.has(key)) return 'silence';
        const next = this.nodes.find((other) => other.key === key);
        if (!next) return plain(502, `Next node not found: ${key}`);
        if (next.behaviour === 'dead' && this.reportsTimeouts) return plain(504, 'Request time out');
        return this.#hop(next, { ...peeled, hopNumber: Math.max(layer.hopNumber, 0) + 1 }, node);
      }
      case 'final':
        if (from && node.ignored.has(from.key)) return 'silence';
        return this.#final(node, from, peeled.body, (answer) => sealNodeReply(peeled.replyKey, answer, this.#random));
    }
  }

  #final(
    node: SimulatedNode,
    from: SimulatedNode | null,
    body: Uint8Array,
    seal: (answer: NodeAnswer) => Uint8Array,
  ): HttpAnswer | 'silence' {
    this.reached.push({
      node,
      method: methodOf(JSON.parse(Buffer.from(body).toString())),
      exit: from?.key ?? null,
    });
    switch (node.behaviour) {
      case 'garbage':
        return { status: 200, body: utf8ToBytes('Z2FyYmFnZQ==') };
      case 'framing':
        return plain(503, 'Service node is not ready: not done syncing\n');
      case 'answer-lost':
        this.#answer(node, body);
        return 'silence';
      case 'misdirecting': {
        const text = JSON.stringify({ snodes: this.misdirection.map((pubkey_ed25519) => ({ pubkey_ed25519 })) });
        return { status: 200, body: seal({ status: 421, body: { kind: 'json', text } }) };
      }
      default:
        return { status: 200, body: seal(this.#answer(node, body)) };
    }
  }

  #answer(node: SimulatedNode, body: Uint8Array): NodeAnswer {
    const kept =
      node.behaviour === 'forging' ? node.kept.map((message) => ({ ...message, data: hexToBytes('00') })) : node.kept;
    return answerRpc(body, {
      now: this.#clock.now() + node.clockAhead,
      kept,
      directory: node.directory === undefined ? this.#directory : node.directory,
      swarmOf: (accountId) => {
        const members = this.swarm(accountId);
        return { keys: members.map(({ key }) => key), isMember: members.includes(node) };
      },
      onMembers: (work) => {
        const members = this.swarm(accountIdOf(body)).filter(
          ({ behaviour }) => behaviour !== 'dead' && behaviour !== 'refusing',
        );
        return Object.fromEntries(
          members.map(({ key, keys, kept }) => {
            const { result, signed } = work(kept);
            return [key, { ...result, signature: bytesToBase64(ed25519Sign(signed, keys.ed25519.secretKey)) }];
          }),
        );
      },
      replicate: (message) => {
        const isUp = ({ behaviour }: SimulatedNode) => behaviour !== 'dead' && behaviour !== 'refusing';
        const members = node.behaviour === 'swallowing' ? [node] : this.swarm(message.accountId).filter(isUp);
        for (const { behaviour, kept } of members) {
          if (behaviour === 'swallowing' || kept.some(({ hash }) => hash === message.hash)) continue;
          kept.push(message);
        }
        return Object.fromEntries(members.map((member) => [member.key, storedBy(member, message)]));
      },
    });
  }
}

function accountIdOf(body: Uint8Array): string {
  return (JSON.parse(Buffer.from(body).toString()) as { params: { pubkey: string } }).params.pubkey;
}

function storedBy({ keys }: SimulatedNode, { hash, expiry }: KeptMessage): object {
  const signature = bytesToBase64(ed25519Sign(storeMemberBytes(hash), keys.ed25519.secretKey));
  return { hash, expiry, signature };
}

function plain(status: number, text: string): HttpAnswer {
  return { status, body: utf8ToBytes(text) };
}

function textOf({ body }: NodeAnswer): string {
  return body.kind === 'bytes' ? '' : body.text;
}
