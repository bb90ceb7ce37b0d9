import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import type { KeyPair } from '@sotto/wire/crypto';
import { dialCurve, type ZmtpConnection } from '@sotto/wire/zmtp';

/** A peer of a node's OxenMQ port that says whatever it is told to. */
export class CurveClient {
  readonly #socket: Socket;
  readonly #zmtp: ZmtpConnection;
  readonly #ready = Promise.withResolvers<void>();
  readonly closed: Promise<void>;
  /** Messages that came so far. */
  received = 0;

  constructor(port: number, listenerKey: Uint8Array, keys: KeyPair) {
    this.#zmtp = dialCurve({ keys, listenerKey, random: randomBytes });
    this.#socket = connect(port, '127.0.0.1');
    this.closed = new Promise((resolve) => this.#socket.once('close', () => resolve()));
    void this.closed.then(() => this.#ready.resolve());
    this.#socket.on('error', () => {});
    this.#socket.on('data', (bytes: Buffer) => {
      const { events, output } = this.#zmtp.receive(bytes);
      for (const part of output) this.#socket.write(part);
      this.received += events.filter(({ type }) => type === 'message').length;
      if (this.#zmtp.ready) this.#ready.resolve();
    });
    this.#socket.write(this.#zmtp.greeting);
  }

  /** Resolves once the handshake is over, or the connection. */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  get isOpen(): boolean {
    return !this.#socket.destroyed && this.#zmtp.ready;
  }

  /** Sends a message; resolves when the far side can take more. */
  async send(parts: readonly Uint8Array[]): Promise<void> {
    if (this.#socket.write(this.#zmtp.send(parts))) return;
    await Promise.race([new Promise((resolve) => this.#socket.once('drain', resolve)), this.closed]);
  }

  /** Bytes past the protocol, to break it. */
  sendRaw(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }

  close(): void {
    this.#socket.destroy();
  }
}
