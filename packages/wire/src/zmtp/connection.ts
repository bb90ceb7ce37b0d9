import { WireError } from '../errors.ts';
import { decodeCommandBody, encodeCommandBody, encodePing, pongTo, refusalBy } from './command.ts';
import { COMMAND, FrameReader } from './frame.ts';
import { checkGreeting, encodeGreeting, GREETING_BYTES, knowsHeartbeats } from './greeting.ts';
import { Inbox } from './inbox.ts';
import { HANDSHAKE_FRAME_BYTES, type ZmtpLimits } from './limits.ts';
import type { Mechanism, Part, Session } from './mechanism.ts';
import type { ZmtpMetadata } from './metadata.ts';

/** What the peer's bytes meant. */
export type ZmtpEvent =
  /** The handshake is over. `peerKey` is the X25519 key that the peer proved to own; null under NULL. */
  | { readonly type: 'ready'; readonly peerKey: Uint8Array | null; readonly metadata: ZmtpMetadata }
  /** A whole message, at least one part; the parts are the receiver's own. */
  | { readonly type: 'message'; readonly parts: Uint8Array[] }
  /** The last event: the connection cannot be used any more. Where the peer gave a reason, it is the error's detail. */
  | { readonly type: 'error'; readonly error: WireError };

/** What {@link ZmtpConnection.receive} leads to. */
export interface ZmtpReceived {
  /** In the order of arrival. */
  readonly events: ZmtpEvent[];
  /** Bytes to write to the peer, in order, before the connection is closed if there was an error. */
  readonly output: Uint8Array[];
}

/**
 * One end of a ZMTP 3.1 connection as a state machine (node-network §3): bytes go in, events and bytes come out.
 * It has no socket and no clock: the caller writes {@link greeting} first, moves the bytes, limits the handshake's
 * time and sends {@link ping}s.
 */
export class ZmtpConnection {
  /** The bytes to write as soon as the transport is up. */
  readonly greeting: Uint8Array;
  readonly #limits: ZmtpLimits;
  readonly #mechanism: Mechanism;
  readonly #inbox = new Inbox();
  readonly #frames = new FrameReader(this.#inbox);
  #greeted = false;
  #answersPings = false;
  #session: Session | null = null;
  #closed = false;
  #parts: Uint8Array[] = [];
  /** How many of the parts are in memory of their own. */
  #ownParts = 0;
  #messageBytes = 0;

  constructor(mechanism: Mechanism, limits: ZmtpLimits) {
    this.#mechanism = mechanism;
    this.#limits = limits;
    this.greeting = encodeGreeting(mechanism.name, mechanism.asServer);
  }

  /** Can messages be sent? */
  get ready(): boolean {
    return this.#session !== null;
  }

  /** Does the peer answer heartbeats? */
  get answersPings(): boolean {
    return this.#answersPings;
  }

  /** Bytes that a message takes of which the rest has not arrived; the sender alone says how long it keeps them. */
  get heldBytes(): number {
    return this.#inbox.heldBytes + this.#messageBytes;
  }

  /**
   * Takes the next bytes from the peer, cut anywhere; keeps none of that memory. Never throws for what they hold: a peer
   * that breaks the rules gives an `error` event, after which nothing more is read.
   */
  receive(bytes: Uint8Array): ZmtpReceived {
    const received: ZmtpReceived = { events: [], output: [] };
    if (this.#closed) return received;
    this.#inbox.add(bytes);
    try {
      this.#read(received);
      this.#keepParts();
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.close();
      // A low-order key is as much the peer's fault as a malformed frame.
      received.events.push({
        type: 'error',
        error: error.code === 'zmtp' ? error : new WireError('zmtp', error.message),
      });
    }
    return received;
  }

  /**
   * The bytes of one message. @throws WireError `zmtp` before the handshake is over or after the end, for a message
   * without parts, and for one that goes beyond the limits.
   */
  send(parts: readonly Uint8Array[]): Uint8Array {
    const session = this.#openSession();
    let size = 0;
    for (const part of parts) {
      if (part.length + session.overhead > this.#limits.frameBytes) throw new WireError('zmtp', 'part too long');
      size += part.length;
    }
    if (parts.length === 0 || parts.length > this.#limits.parts || size > this.#limits.messageBytes) {
      throw new WireError('zmtp', 'no parts, or too many, or too long');
    }
    return session.sealMessage(parts);
  }

  /**
   * The bytes of a heartbeat, to which the peer answers; `ttl` tells it after how many tenths of a second without
   * traffic it may give us up. @throws WireError `zmtp` as {@link send}.
   */
  ping(ttl: number): Uint8Array {
    return this.#openSession().sealCommand(encodeCommandBody('PING', encodePing(ttl)));
  }

  /** Forgets keys and half-received messages; the connection cannot be used any more. */
  close(): void {
    this.#closed = true;
    this.#mechanism.close();
    this.#session?.close();
    this.#session = null;
    this.#parts = [];
  }

  #openSession(): Session {
    if (this.#session === null) throw new WireError('zmtp', 'the connection is not ready');
    return this.#session;
  }

  #read(received: ZmtpReceived): void {
    if (!this.#greeted) {
      const greeting = this.#inbox.take(GREETING_BYTES);
      if (greeting === null) return;
      checkGreeting(greeting, this.#mechanism.name);
      this.#answersPings = knowsHeartbeats(greeting);
      this.#greeted = true;
      const first = this.#mechanism.begin();
      if (first !== null) received.output.push(first);
    }
    while (!this.#closed) {
      const frame = this.#frames.next(this.#session === null ? HANDSHAKE_FRAME_BYTES : this.#limits.frameBytes);
      if (frame === null) return;
      if (this.#session === null) this.#shakeHands(frame.flags, frame.body, received);
      else this.#takePart(this.#session.open(frame), this.#session, received);
    }
  }

  #shakeHands(flags: number, body: Uint8Array, received: ZmtpReceived): void {
    if (flags !== COMMAND) throw new WireError('zmtp', 'expected a command');
    const command = decodeCommandBody(body);
    if (command.name === 'ERROR') throw refusalBy(command.data);
    const { output, established, refused } = this.#mechanism.next(command);
    if (output) received.output.push(output);
    if (refused) throw new WireError('zmtp', 'the peer was not admitted');
    if (!established) return;
    this.#session = established.session;
    this.#mechanism.close();
    received.events.push({ type: 'ready', peerKey: established.peer.key, metadata: established.peer.metadata });
  }

  #takePart(part: Part, session: Session, received: ZmtpReceived): void {
    if (part.command) {
      if (part.more) throw new WireError('zmtp', 'a command in several parts');
      this.#takeCommand(part.body, session, received);
      return;
    }
    this.#messageBytes += part.body.length;
    if (this.#parts.length >= this.#limits.parts || this.#messageBytes > this.#limits.messageBytes) {
      throw new WireError('zmtp', 'message too long');
    }
    this.#parts.push(part.body);
    if (part.more) return;
    received.events.push({ type: 'message', parts: this.#parts });
    this.#parts = [];
    this.#ownParts = 0;
    this.#messageBytes = 0;
  }

  /** How long the parts of an unfinished message are kept is up to the peer, so they may not hold on to more than themselves. */
  #keepParts(): void {
    for (; this.#ownParts < this.#parts.length; this.#ownParts++) {
      this.#parts[this.#ownParts] = this.#parts[this.#ownParts]!.slice();
    }
  }

  /** Commands other than these, such as PONG, ask for nothing. */
  #takeCommand(body: Uint8Array, session: Session, received: ZmtpReceived): void {
    const { name, data } = decodeCommandBody(body);
    if (name === 'ERROR') throw refusalBy(data);
    if (name === 'PING') received.output.push(session.sealCommand(encodeCommandBody('PONG', pongTo(data))));
  }
}
