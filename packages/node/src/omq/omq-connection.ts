import { connect, type NetConnectOpts, Socket } from 'node:net';
import { WireError } from '@sotto/wire';
import type { ZmtpConnection } from '@sotto/wire/zmtp';

/** What the owner of a connection is told. */
export interface OmqConnectionEvents {
  /** The peer proved to own this X25519 key. */
  ready(connection: OmqConnection): void;
  message(connection: OmqConnection, parts: readonly Uint8Array[]): void;
  /** So many bytes of a message that is not whole yet are held for this connection from now on. */
  holding(connection: OmqConnection, bytes: number): void;
  /** What was written to the peer has been taken. */
  drained(connection: OmqConnection): void;
  /** Once, when nothing can be sent or received any more. */
  closed(connection: OmqConnection): void;
}

const HANDSHAKE_TIMEOUT_MS = 10_000;
/** The same where we dial: who needs longer is as good as dead for those who wait. */
const DIAL_TIMEOUT_MS = 4_000;
/** While something is waited for: silence after which the peer is asked for a sign of life, and time to give one. */
const DOUBT_AFTER_MS = 2_000;
const SIGN_OF_LIFE_MS = 4_000;
const PING_INTERVAL_MS = 15_000;
const SILENCE_LIMIT_MS = 30_000;
const PING_TTL_TENTHS = 300;
/** A peer that takes nothing of what was written to it for so long is given up. */
const STALL_LIMIT_MS = 120_000;
const MAX_QUEUED_MESSAGES = 1000;
const MAX_QUEUED_BYTES = 48 * 1024 * 1024;
const CLOSE_GRACE_MS = 1_000;

/**
 * What connections that we dialled receive, one of them at a time: every read is dealt with before the next is made, and
 * nothing of it kept. Otherwise each would be given 64 KiB of its own.
 */
const arrivals = Buffer.allocUnsafeSlow(64 * 1024);

/** One ZMTP connection over TCP (node-network §4.1): handshake limit, heartbeats, bounded outgoing queue. */
export class OmqConnection {
  /** The far side's X25519 key once the handshake is over; `null` also on a plain connection. */
  peerKey: Uint8Array | null = null;
  readonly startedAt: number;
  /** When something was last sent or a message received, on the owner's clock. */
  lastActivity: number;
  /** Commands of the far side that are being answered. */
  running = 0;
  readonly dialled: boolean;
  readonly remoteAddress: string;
  readonly #socket: Socket;
  readonly #zmtp: ZmtpConnection;
  readonly #events: OmqConnectionEvents;
  readonly #now: () => number;
  #lastReceived: number;
  #lastPing: number;
  #queued: (readonly Uint8Array[])[] = [];
  #queuedBytes = 0;
  /** Bytes of a message that is not whole yet, as the owner was told last. */
  #held = 0;
  /** Bytes that the peer had taken when this last grew, and when that was. */
  #taken = 0;
  #lastTaken: number;
  #isEstablished = false;
  /** When the peer was asked for a sign of life that has not come. */
  #doubtedSince: number | null = null;
  #closed = false;

  /** Takes over a connection that was accepted, or dials one. */
  constructor(
    origin: Socket | NetConnectOpts,
    zmtp: ZmtpConnection,
    options: { readonly now: () => number; readonly events: OmqConnectionEvents },
  ) {
    this.dialled = !(origin instanceof Socket);
    const socket = origin instanceof Socket ? origin : this.#dial(origin);
    this.#socket = socket;
    this.#zmtp = zmtp;
    this.#events = options.events;
    this.#now = options.now;
    this.remoteAddress = socket.remoteAddress ?? '';
    this.startedAt = options.now();
    this.lastActivity = this.startedAt;
    this.#lastReceived = this.startedAt;
    this.#lastPing = this.startedAt;
    this.#lastTaken = this.startedAt;
    socket.setNoDelay(true);
    if (!this.dialled) socket.on('data', (bytes: Buffer) => this.#receive(bytes));
    socket.on('drain', () => this.#events.drained(this));
    socket.on('error', () => {});
    socket.on('end', () => this.close());
    socket.on('close', () => this.close());
    // Written to a socket that still connects, it waits there.
    socket.write(zmtp.greeting);
  }

  get isReady(): boolean {
    return this.#isEstablished && !this.#closed;
  }

  /** Bytes that were written and not taken by the peer yet. */
  get unsentBytes(): number {
    return this.#socket.writableLength;
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /**
   * Sends a message, after the handshake if that still runs; false if it is lost because the queue is full. `done` is
   * called when a message that was sent at once needs no memory any more.
   */
  send(parts: readonly Uint8Array[], done?: () => void): boolean {
    if (this.#closed) return false;
    this.lastActivity = this.#now();
    if (!this.isReady) {
      const size = parts.reduce((sum, part) => sum + part.length, 0);
      if (this.#queued.length >= MAX_QUEUED_MESSAGES || this.#queuedBytes + size > MAX_QUEUED_BYTES) return false;
      this.#queued.push(parts);
      this.#queuedBytes += size;
      return true;
    }
    if (this.#socket.writableLength > MAX_QUEUED_BYTES) return false;
    try {
      this.#socket.write(this.#zmtp.send(parts), done);
      return true;
    } catch (error) {
      // Beyond the limits of a message.
      if (error instanceof WireError) return false;
      throw error;
    }
  }

  /** Stops reading, so that a peer that asks faster than it is answered has to wait. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    if (this.#socket.isPaused()) this.#socket.resume();
  }

  /**
   * To be called about once a second: heartbeats, and the end of peers that are silent. `isAwaited`: somebody waits for an
   * answer of the peer, so its death should be noticed in seconds.
   */
  tick(isAwaited = false): void {
    const now = this.#now();
    if (!this.isReady) {
      if (now - this.startedAt > (this.dialled ? DIAL_TIMEOUT_MS : HANDSHAKE_TIMEOUT_MS)) this.close();
      return;
    }
    const { bytesWritten, writableLength } = this.#socket;
    if (writableLength === 0 || bytesWritten - writableLength > this.#taken) {
      this.#taken = bytesWritten - writableLength;
      this.#lastTaken = now;
    }
    // While we do not read, silence is no sign of death.
    const isSilent = now - this.#lastReceived > SILENCE_LIMIT_MS && !this.#socket.isPaused();
    const isDead = this.#doubtedSince !== null && now - this.#doubtedSince > SIGN_OF_LIFE_MS;
    const isDoubtful = isAwaited && this.#zmtp.answersPings && now - this.#lastReceived >= DOUBT_AFTER_MS;
    if (isSilent || isDead || now - this.#lastTaken > STALL_LIMIT_MS) {
      this.close();
    } else if (isDoubtful && this.#doubtedSince === null && !this.#socket.isPaused()) {
      this.#doubtedSince = now;
      this.#socket.write(this.#zmtp.ping(PING_TTL_TENTHS));
    } else if (now - this.#lastPing >= PING_INTERVAL_MS) {
      this.#lastPing = now;
      this.#socket.write(this.#zmtp.ping(PING_TTL_TENTHS));
    }
  }

  /** Sends what is written already, then closes. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#zmtp.close();
    this.#queued = [];
    if (this.#socket.connecting) this.#socket.destroy();
    else this.#socket.end();
    const force = setTimeout(() => this.#socket.destroy(), CLOSE_GRACE_MS);
    this.#socket.once('close', () => clearTimeout(force));
    if (this.#socket.destroyed) clearTimeout(force);
    this.#events.closed(this);
  }

  #dial(to: NetConnectOpts): Socket {
    const callback = (size: number): boolean => {
      this.#receive(arrivals.subarray(0, size));
      return true;
    };
    return connect({ ...to, onread: { buffer: arrivals, callback } });
  }

  #receive(bytes: Buffer): void {
    if (this.#closed) return;
    this.#lastReceived = this.#now();
    this.#doubtedSince = null;
    const { events, output } = this.#zmtp.receive(bytes);
    for (const part of output) this.#socket.write(part);
    const held = this.#zmtp.heldBytes;
    if (held !== this.#held || this.unsentBytes > 0) {
      this.#held = held;
      this.#events.holding(this, held);
    }
    for (const event of events) {
      if (this.#closed) return;
      switch (event.type) {
        case 'ready':
          this.#isEstablished = true;
          this.peerKey = event.peerKey;
          this.#events.ready(this);
          this.#sendQueued();
          break;
        case 'message':
          this.lastActivity = this.#lastReceived;
          this.#events.message(this, event.parts);
          break;
        case 'error':
          this.close();
          break;
      }
    }
  }

  #sendQueued(): void {
    const waiting = this.#queued;
    this.#queued = [];
    this.#queuedBytes = 0;
    for (const parts of waiting) this.send(parts);
  }
}
