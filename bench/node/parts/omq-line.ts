import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { hexToBytes } from '@sotto/wire/bytes';
import { x25519KeyPair } from '@sotto/wire/crypto';
import { dialCurve, type ZmtpConnection } from '@sotto/wire/zmtp';
import type { Line, LineReply } from './https-line.ts';
import type { Target } from './plan.ts';

const TAG = Buffer.from('t');

/** One OxenMQ connection with one request under way; `exchange` takes the parameters of `storage.store`. */
export class OmqLine implements Line {
  readonly #socket: Socket;
  readonly #zmtp: ZmtpConnection;
  readonly #command: Uint8Array;
  #waiting: PromiseWithResolvers<LineReply> | null = null;

  private constructor(socket: Socket, zmtp: ZmtpConnection, command: string) {
    this.#socket = socket;
    this.#zmtp = zmtp;
    this.#command = Buffer.from(command);
  }

  static async open(target: Target, command: string): Promise<OmqLine> {
    const keys = x25519KeyPair(randomBytes(32));
    const zmtp = dialCurve({ keys, listenerKey: hexToBytes(target.x25519), random: randomBytes });
    const socket = connect({ host: '127.0.0.1', port: target.omqPort, noDelay: true });
    const line = new OmqLine(socket, zmtp, command);
    const ready = Promise.withResolvers<void>();
    socket.on('error', ready.reject);
    socket.on('close', () => line.#waiting?.reject(new Error('the connection was closed')));
    socket.on('data', (bytes: Buffer) => {
      const { events, output } = zmtp.receive(bytes);
      for (const part of output) socket.write(part);
      for (const event of events) {
        if (event.type === 'ready') ready.resolve();
        // REPLY, tag, and the one part of a success or the two of a failure.
        if (event.type === 'message') line.#replied(event.parts.slice(2));
      }
    });
    socket.write(zmtp.greeting);
    await ready.promise;
    return line;
  }

  exchange(request: Uint8Array): Promise<LineReply> {
    this.#waiting = Promise.withResolvers();
    this.#socket.write(this.#zmtp.send([this.#command, TAG, request]));
    return this.#waiting.promise;
  }

  close(): void {
    this.#socket.destroy();
  }

  #replied(data: readonly Uint8Array[]): void {
    const status = data.length === 1 ? 200 : Number(Buffer.from(data[0] ?? []).toString('latin1'));
    this.#waiting?.resolve({ status, body: data.at(-1) ?? new Uint8Array() });
  }
}
