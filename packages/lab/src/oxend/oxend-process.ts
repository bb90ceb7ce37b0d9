import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bytesToHex, hexToBytes, utf8ToBytes } from '@sotto/wire/bytes';
import { blake2b, x25519KeyPair } from '@sotto/wire/crypto';
import { deriveNodeKeys } from '@sotto/wire/nodes';
import { type Child, startChild } from '../child.ts';
import { Chain, type ChainNode, type NameRecord, type SavedChain } from './chain.ts';
import type { ListenPlace } from './omq-listener.ts';
import type { RpcEvent } from './rpc.ts';

/** What the stand-in's process is started with. */
export interface OxendInput {
  readonly statePath: string;
  readonly host: string;
  readonly swarms: SwarmSizes;
  /** One place for each node. */
  readonly listen: readonly ListenPlace[];
}

interface SwarmSizes {
  readonly minimum: number;
  readonly ideal: number;
  readonly margin: number;
}

/** What it can be told to do. */
export type OxendCommand =
  | { readonly do: 'mine' }
  | { readonly do: 'status'; readonly node: number; readonly status: ChainNode['status'] }
  | { readonly do: 'fork'; readonly hardFork: readonly [number, number] }
  | { readonly do: 'name'; readonly hash: string; readonly record: NameRecord }
  | { readonly do: 'move'; readonly node: number; readonly ip: string }
  | { readonly do: 'mood'; readonly mood: Mood };

/** How it answers. */
export type Mood = { readonly kind: 'well' | 'failing' } | { readonly kind: 'slow'; readonly milliseconds: number };

export interface OxendLabOptions {
  readonly folder: string;
  readonly nodes: number;
  /** Smaller than on the chain, so that a few nodes make swarms. Absent: the chain's own sizes. */
  readonly swarms?: SwarmSizes;
  /** Nodes whose daemon is reached by CURVE over TCP and not by a Unix socket, by index. */
  readonly encrypted?: readonly number[];
  /** Nodes that are registered from the start; absent: all. */
  readonly registered?: number;
}

const HOST = '127.0.0.1';
const START_TIMEOUT_MS = 30_000;
const CHAIN_SIZES: SwarmSizes = { minimum: 5, ideal: 7, margin: 2 };

/** A stand-in for the chain daemons of a whole network, in a process of its own (node-network §10.5). */
export class OxendLab {
  /** Everything that nodes told it, in order. */
  readonly events: RpcEvent[] = [];
  readonly #options: OxendLabOptions;
  readonly #secrets: readonly (string | null)[];
  #ports: readonly number[] = [];
  readonly #waiting: (() => void)[] = [];
  #child: Child | null = null;
  #state: SavedChain;

  private constructor(options: OxendLabOptions, state: SavedChain) {
    this.#options = options;
    this.#state = state;
    this.#secrets = Array.from({ length: options.nodes }, (_, index) =>
      options.encrypted?.includes(index) ? bytesToHex(randomBytes(32)) : null,
    );
  }

  /** Begins a chain in a folder and starts its daemon. @throws LabError `node`. */
  static async start(options: OxendLabOptions): Promise<OxendLab> {
    mkdirSync(options.folder, { recursive: true, mode: 0o700 });
    const { nodes, registered = nodes } = options;
    const begun = Chain.begin(
      Array.from({ length: nodes }, (_, index) => bytesToHex(blake2b(32, utf8ToBytes(`node ${index}`)))),
    );
    const state: SavedChain = {
      ...begun,
      nodes: begun.nodes.map((node, index) => (index < registered ? node : { ...node, status: 'gone' })),
    };
    const lab = new OxendLab(options, state);
    if (!existsSync(lab.#statePath)) writeFileSync(lab.#statePath, JSON.stringify(state), { mode: 0o600 });
    await lab.startAgain();
    return lab;
  }

  /** The chain after the last command. */
  get chain(): SavedChain {
    return this.#state;
  }

  /** The address of a node's daemon, as `sotto node --oxend` takes it. */
  address(node: number): string {
    const secret = this.#secrets[node];
    if (!secret) return `ipc://${this.#socketPath(node)}`;
    const key = bytesToHex(x25519KeyPair(Buffer.from(secret, 'hex')).publicKey);
    return `curve://${HOST}:${this.#ports[node]}/${key}`;
  }

  /** Public Ed25519 key of a node, hex. */
  key(node: number): string {
    return bytesToHex(deriveNodeKeys(hexToBytes(this.#state.nodes[node]!.seed)).ed25519.publicKey);
  }

  /** Tells it something and waits until that is done. */
  async tell(command: OxendCommand): Promise<void> {
    const child = this.#child;
    if (!child) throw new Error('the stand-in does not run');
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push(resolve);
    child.send(command);
    await promise;
  }

  /** One more block. */
  mine(): Promise<void> {
    return this.tell({ do: 'mine' });
  }

  /** Kills the daemon. */
  async kill(): Promise<void> {
    this.#child?.kill('SIGKILL');
    await this.#child?.ended;
    this.#child = null;
  }

  /** Starts the daemon with the chain that it has on its disk, on the same places. @throws LabError `node`. */
  async startAgain(): Promise<void> {
    const { folder, swarms = CHAIN_SIZES } = this.#options;
    const listen = this.#secrets.map(
      (secret, node): ListenPlace =>
        secret ? { host: HOST, port: this.#ports[node] ?? 0, secret } : { path: this.#socketPath(node) },
    );
    const input: OxendInput = { statePath: this.#statePath, host: HOST, swarms, listen };
    const program = join(import.meta.dirname, 'process.ts');
    const options = { program, input, logPath: join(folder, 'oxend.log'), startTimeout: START_TIMEOUT_MS };
    const child = await startChild(options, new AbortController().signal);
    this.#ports = (child.ready as { ports: number[] }).ports;
    child.onLine((line) => this.#take(line as OxendLine));
    this.#child = child;
  }

  close(): Promise<void> {
    return this.kill();
  }

  #take(line: OxendLine): void {
    if (line.event !== 'done') {
      this.events.push(line);
      return;
    }
    this.#state = line.chain;
    this.#waiting.shift()?.();
  }

  get #statePath(): string {
    return join(this.#options.folder, 'chain.json');
  }

  #socketPath(node: number): string {
    return join(this.#options.folder, `${node}.sock`);
  }
}

type OxendLine = RpcEvent | { readonly event: 'done'; readonly chain: SavedChain };
