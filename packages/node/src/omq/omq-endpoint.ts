import { createServer, type NetConnectOpts, type Server, type Socket } from 'node:net';
import { bytesToHex, type Random } from '@sotto/wire/bytes';
import type { KeyPair } from '@sotto/wire/crypto';
import {
  type AuthLevel,
  type Category,
  classifyMessage,
  encodeCommand,
  encodeReply,
  encodeRequest,
  HELLO,
  newTag,
  nodeRoutingId,
  type OxenMqMessage,
  PendingRequests,
  type RequestResult,
  type Route,
  type RoutingTable,
  routeCommand,
} from '@sotto/wire/oxenmq';
import { dialCurve, listenCurve } from '@sotto/wire/zmtp';
import type { Log } from '../log.ts';
import { ByteBudget } from '../net/byte-budget.ts';
import { limitConnections } from '../net/connection-limit.ts';
import { listen } from '../net/listen.ts';
import { OmqConnection } from './omq-connection.ts';
import { ConnectionPath, type ReturnPath } from './return-path.ts';

/** Who sent a command. */
export interface OmqCaller {
  /** X25519 key that the connection proved. */
  readonly key: Uint8Array;
  readonly address: string;
  readonly returnPath: ReturnPath;
}

/** Answers a request command with reply parts; `null` sends no reply. */
export type OmqHandler = (data: readonly Uint8Array[], caller: OmqCaller) => OmqReply;

/** Reply parts of a handler. */
export type OmqReply = Promise<readonly Uint8Array[] | null> | readonly Uint8Array[] | null;

/** A category of commands and who may use it. */
export interface OmqCategory extends Omit<Category, 'commands'> {
  /** Commands that may be under way at a time; more are dropped, and their callers time out (node-network §5). */
  readonly queue: number;
  /** The same for single commands that count by themselves. */
  readonly ownQueues?: Readonly<Record<string, number>>;
  readonly handlers: Readonly<Record<string, OmqHandler>>;
  /** Those of the commands that get no reply. */
  readonly plain?: readonly string[];
}

export interface OmqEndpointOptions {
  /** X25519, the CURVE keys of listener and dialler. */
  readonly keys: KeyPair;
  readonly categories: Readonly<Record<string, OmqCategory>>;
  /** Is this X25519 key one of an active node now? */
  isServiceNode(key: Uint8Array): boolean;
  /** What a caller may do; absent: `none` for all. */
  readonly level?: (key: Uint8Array) => AuthLevel;
  /** Is this process an active node itself? Absent: yes. */
  readonly localServiceNode?: () => boolean;
  /** Where an active node listens, to answer it when its connection is gone. */
  addressOf(key: Uint8Array): OmqAddress | null;
  readonly random: Random;
  /** Milliseconds of a clock that never goes back. */
  readonly monotonicNow: () => number;
  readonly log: Log;
}

/** Where a node is dialled: its X25519 key, IP and OxenMQ port. */
export interface OmqAddress {
  readonly key: Uint8Array;
  readonly host: string;
  readonly port: number;
}

const TICK_MS = 250;
const HEARTBEAT_CHECK_MS = 1_000;
const IDLE_CLOSE_MS = 30_000;
/** After a failed connection attempt the next is made no sooner (node-network §4.1). */
const REDIAL_PAUSE_MS = 250;
/** The pause doubles with every failure, up to this. */
const LONGEST_REDIAL_PAUSE_MS = 5_000;
/** Failures that long ago count no more. */
const REDIAL_MEMORY_MS = 60_000;
/** A stranger's connection is not read while so many of its commands are being answered. */
const MAX_RUNNING_PER_CLIENT = 200;
/** Nor while it has so many bytes to read itself. */
const MAX_UNSENT_PER_CLIENT = 1024 * 1024;
/**
 * What messages of strangers take while they arrive and while they are answered, and what answers to strangers take until
 * they are read; in bytes.
 */
const MAX_STRANGER_BYTES = 256 * 1024 * 1024;
const MAX_BYTES_OF_STRANGER = 64 * 1024 * 1024;
const CLOSE_GRACE_MS = 5_000;

/**
 * OxenMQ over TCP with CURVE (node-network §4): listener and dialler in one, since replies and commands may use either
 * direction. Speaks through the pure machines of `@sotto/wire`.
 */
export class OmqEndpoint {
  readonly #options: OmqEndpointOptions;
  readonly #server: Server;
  readonly #categories: ReadonlyMap<string, Category>;
  readonly #pending = new PendingRequests();
  readonly #connections = new Set<OmqConnection>();
  /** The connection to use for a key, by hex: the one that we dialled, else the newest that it made. */
  readonly #dialled = new Map<string, OmqConnection>();
  readonly #accepted = new Map<string, OmqConnection>();
  /** Hex of keys that were dialled, by the arrays themselves, which stay the same as long as the list of nodes. */
  readonly #names = new WeakMap<Uint8Array, string>();
  readonly #sentOver = new Map<OmqConnection, Set<Uint8Array>>();
  readonly #returnPaths = new Map<OmqConnection, ConnectionPath>();
  /** Nodes that could not be reached: how often in a row, and when to try again. */
  readonly #unreached = new Map<string, { readonly failures: number; readonly until: number }>();
  readonly #running = new Map<string, number>();
  readonly #strangers = new ByteBudget(MAX_STRANGER_BYTES, MAX_BYTES_OF_STRANGER);
  readonly #answers = new ByteBudget(MAX_STRANGER_BYTES, MAX_BYTES_OF_STRANGER);
  /** What connections of strangers have taken of that for messages which are not whole yet. */
  readonly #held = new Map<OmqConnection, number>();
  readonly #timers: NodeJS.Timeout[];
  readonly #idle = Promise.withResolvers<void>();
  #closing = false;

  constructor(options: OmqEndpointOptions) {
    this.#options = options;
    this.#categories = new Map(Object.entries(options.categories).map(([name, each]) => [name, routed(each)]));
    this.#server = createServer({ noDelay: true }, (socket) => this.#accept(socket));
    limitConnections(this.#server);
    this.#timers = [
      setInterval(() => this.#pending.expire(options.monotonicNow()), TICK_MS),
      setInterval(() => this.#tick(), HEARTBEAT_CHECK_MS),
    ];
  }

  /** Begins to accept connections; gives the port. @throws NodeError `port`. */
  listen(host: string, port: number): Promise<number> {
    return listen(this.#server, host, port);
  }

  /**
   * Sends a request to a node, over a connection that exists or a new one. Fails at once when the connection cannot be
   * made or breaks, else after `timeout` ms without a reply. Never rejects.
   */
  request(address: OmqAddress, command: string, data: readonly Uint8Array[], timeout: number): Promise<RequestResult> {
    const connection = this.#closing ? null : this.#connectionTo(address);
    if (!connection) return Promise.resolve({ ok: false, error: 'TIMEOUT' });
    const tag = newTag(this.#options.random);
    const { promise, resolve } = Promise.withResolvers<RequestResult>();
    const tags = this.#sentOver.get(connection);
    tags?.add(tag);
    this.#pending.add(tag, this.#options.monotonicNow() + timeout, (result) => {
      tags?.delete(tag);
      resolve(result);
    });
    if (!connection.send(encodeRequest(command, tag, data))) this.#pending.fail(tag);
    return promise;
  }

  /**
   * Closes connections to nodes that are no longer in the active set (node-network §4.3); for changes of the node list.
   */
  dropFormerNodes(): void {
    for (const connection of this.#dialled.values()) {
      if (connection.peerKey && !this.#options.isServiceNode(connection.peerKey)) connection.close();
    }
  }

  /** Stops accepting, lets running commands be answered (at most 5 s), then closes every connection. */
  async close(): Promise<void> {
    if (this.#closing) return;
    this.#closing = true;
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    const grace = Promise.withResolvers<void>();
    const timer = setTimeout(grace.resolve, CLOSE_GRACE_MS);
    if (this.#runningTotal() > 0) await Promise.race([this.#idle.promise, grace.promise]);
    clearTimeout(timer);
    for (const timer of this.#timers) clearInterval(timer);
    for (const connection of [...this.#connections]) connection.close();
    this.#pending.expire(Number.POSITIVE_INFINITY);
    await closed;
  }

  #connectionTo(address: OmqAddress): OmqConnection | null {
    const name = this.#nameOf(address.key);
    const existing = this.#dialled.get(name) ?? this.#accepted.get(name);
    const unreached = this.#unreached.get(name);
    // Whoever comes while a node that failed is tried again shall not wait as well.
    if (existing) return unreached && !existing.isReady ? null : existing;
    if (unreached && unreached.until > this.#options.monotonicNow()) return null;
    const { keys, random } = this.#options;
    const identity = nodeRoutingId(keys.publicKey);
    const zmtp = dialCurve({ keys, listenerKey: address.key, random, identity });
    const connection = this.#own({ host: address.host, port: address.port, noDelay: true }, zmtp);
    this.#dialled.set(name, connection);
    return connection;
  }

  #nameOf(key: Uint8Array): string {
    let name = this.#names.get(key);
    if (name === undefined) {
      name = bytesToHex(key);
      this.#names.set(key, name);
    }
    return name;
  }

  #accept(socket: Socket): void {
    if (socket.destroyed) return;
    const { keys, random } = this.#options;
    this.#own(socket, listenCurve({ keys, random }));
  }

  #own(origin: Socket | NetConnectOpts, zmtp: ReturnType<typeof listenCurve>): OmqConnection {
    const connection = new OmqConnection(origin, zmtp, {
      now: this.#options.monotonicNow,
      events: {
        ready: (ready) => this.#ready(ready),
        message: (from, parts) => this.#receive(from, parts),
        holding: (from, bytes) => this.#hold(from, bytes),
        drained: (drained) => this.#readOn(drained),
        closed: (closed) => this.#forget(closed),
      },
    });
    this.#connections.add(connection);
    this.#sentOver.set(connection, new Set());
    const push: ReturnPath['push'] = (command, data) => this.#send(connection, encodeCommand(command, data));
    this.#returnPaths.set(connection, new ConnectionPath(connection.remoteAddress, push));
    return connection;
  }

  #ready(connection: OmqConnection): void {
    const name = bytesToHex(connection.peerKey!);
    this.#unreached.delete(name);
    if (!connection.dialled) this.#accepted.set(name, connection);
  }

  /** A stranger's message that is not whole yet takes memory for as long as the stranger likes. */
  #hold(connection: OmqConnection, bytes: number): void {
    const before = this.#held.get(connection) ?? 0;
    const { remoteAddress } = connection;
    const isNode = this.#isNode(connection);
    const now = isNode ? 0 : bytes;
    // Also heartbeats and refusals are answered, and the answers wait for who does not read them.
    if (!isNode && connection.unsentBytes > MAX_UNSENT_PER_CLIENT) connection.pause();
    if (now < before) this.#strangers.give(remoteAddress, before - now);
    else if (now > before && !this.#strangers.take(remoteAddress, now - before)) {
      connection.close();
      return;
    }
    if (now > 0) this.#held.set(connection, now);
    else this.#held.delete(connection);
  }

  #isNode({ peerKey }: OmqConnection): boolean {
    return peerKey !== null && this.#options.isServiceNode(peerKey);
  }

  #readOn(connection: OmqConnection): void {
    if (connection.running < MAX_RUNNING_PER_CLIENT && connection.unsentBytes <= MAX_UNSENT_PER_CLIENT) {
      connection.resume();
    }
  }

  #forget(connection: OmqConnection): void {
    this.#strangers.give(connection.remoteAddress, this.#held.get(connection) ?? 0);
    this.#held.delete(connection);
    this.#connections.delete(connection);
    if (connection.dialled && !connection.peerKey) this.#redialLater(connection);
    for (const connections of [this.#dialled, this.#accepted]) {
      for (const [name, each] of connections) if (each === connection) connections.delete(name);
    }
    for (const tag of this.#sentOver.get(connection) ?? []) this.#pending.fail(tag);
    this.#sentOver.delete(connection);
    this.#returnPaths.get(connection)?.close();
    this.#returnPaths.delete(connection);
  }

  /** The connection could not be made. */
  #redialLater(connection: OmqConnection): void {
    for (const [name, each] of this.#dialled) {
      if (each !== connection) continue;
      const failures = (this.#unreached.get(name)?.failures ?? 0) + 1;
      const pause = Math.min(REDIAL_PAUSE_MS * 2 ** (failures - 1), LONGEST_REDIAL_PAUSE_MS);
      this.#unreached.set(name, { failures, until: this.#options.monotonicNow() + pause });
    }
  }

  #tick(): void {
    const now = this.#options.monotonicNow();
    for (const connection of [...this.#connections]) {
      connection.tick((this.#sentOver.get(connection)?.size ?? 0) > 0);
      const isIdle = now - connection.lastActivity > IDLE_CLOSE_MS && connection.running === 0;
      if (connection.dialled && isIdle && this.#sentOver.get(connection)?.size === 0) connection.close();
    }
    for (const [name, { until }] of this.#unreached) if (until + REDIAL_MEMORY_MS <= now) this.#unreached.delete(name);
  }

  #receive(connection: OmqConnection, parts: readonly Uint8Array[]): void {
    const message = classifyMessage(parts);
    switch (message.kind) {
      case 'hi':
        this.#send(connection, HELLO);
        break;
      case 'bye':
        if (connection.dialled) connection.close();
        break;
      case 'reply':
      case 'refusal':
        this.#pending.answer(message);
        break;
      case 'command':
        this.#command(connection, message);
        break;
    }
  }

  #command(connection: OmqConnection, message: Extract<OxenMqMessage, { kind: 'command' }>): void {
    const key = connection.peerKey!;
    const isServiceNode = this.#options.isServiceNode(key);
    const level = this.#options.level?.(key) ?? 'none';
    const route = routeCommand(message, { level, isServiceNode }, this.#table());
    if (route.kind === 'refuse') {
      this.#send(connection, route.message);
      return;
    }
    const { queue, ownQueues } = this.#options.categories[route.category]!;
    const ownQueue = ownQueues?.[route.command];
    const counter = ownQueue === undefined ? route.category : `${route.category}.${route.command}`;
    const running = this.#running.get(counter) ?? 0;
    if (this.#closing || running >= (ownQueue ?? queue)) return;
    const size = isServiceNode ? 0 : sizeOf(route.data);
    if (size > 0 && !this.#strangers.take(connection.remoteAddress, size)) return;
    // Pausing a node's connection would also hold up its replies to us; two busy nodes could block each other.
    if (++connection.running >= MAX_RUNNING_PER_CLIENT && !isServiceNode) connection.pause();
    this.#running.set(counter, running + 1);
    const returnPath = this.#returnPaths.get(connection)!;
    const caller = { key, address: connection.remoteAddress, returnPath };
    void this.#run(connection, route, caller, () => this.#ran(connection, counter, size));
  }

  /** A command was answered, or needs no answer. */
  #ran(connection: OmqConnection, counter: string, size: number): void {
    if (size > 0) this.#strangers.give(connection.remoteAddress, size);
    connection.running--;
    this.#readOn(connection);
    this.#running.set(counter, this.#running.get(counter)! - 1);
    if (this.#closing && this.#runningTotal() === 0) this.#idle.resolve();
  }

  async #run(
    connection: OmqConnection,
    { category, command, tag, data }: Extract<Route, { kind: 'run' }>,
    caller: OmqCaller,
    ran: () => void,
  ): Promise<void> {
    try {
      const reply = await this.#options.categories[category]!.handlers[command]!(data, caller);
      if (!reply || !tag) return;
      const message = encodeReply(tag, reply);
      if (connection.isClosed) this.#replyElsewhere(caller.key, message);
      else this.#send(connection, message);
    } catch {
      // As in OxenMQ, a handler that fails gives no reply (node-network §5).
      this.#options.log.error({ command: `${category}.${command}`, code: 'omq' }, 'A command failed unexpectedly.');
    } finally {
      ran();
    }
  }

  /** What a stranger is told is lost, and false given, if too much waits for it to be read. */
  #send(connection: OmqConnection, message: readonly Uint8Array[]): boolean {
    if (this.#isNode(connection)) return connection.send(message);
    const { remoteAddress } = connection;
    const size = sizeOf(message);
    if (!this.#answers.take(remoteAddress, size)) return false;
    const release = () => this.#answers.give(remoteAddress, size);
    const isSent = connection.send(message, release);
    if (!isSent) release();
    return isSent;
  }

  /** A node whose connection is gone gets its reply over another one; a client's is dropped (node-network §4.3). */
  #replyElsewhere(key: Uint8Array, message: readonly Uint8Array[]): void {
    const address = this.#closing ? null : this.#options.addressOf(key);
    if (address) this.#connectionTo(address)?.send(message);
  }

  #table(): RoutingTable {
    return { categories: this.#categories, localServiceNode: this.#options.localServiceNode?.() ?? true };
  }

  #runningTotal(): number {
    let sum = 0;
    for (const count of this.#running.values()) sum += count;
    return sum;
  }
}

function routed({ handlers, plain = [], ...rules }: OmqCategory): Category {
  const commands = Object.keys(handlers).map((name) => [name, plain.includes(name) ? 'plain' : 'request'] as const);
  return { ...rules, commands: new Map(commands) };
}

function sizeOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, part) => sum + part.length, 0);
}
