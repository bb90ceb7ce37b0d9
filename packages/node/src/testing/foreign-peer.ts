import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import type { KeyPair } from '@sotto/wire/crypto';
import { x25519KeyPair } from '@sotto/wire/crypto';
import { dialCurve, type ZmtpConnection } from '@sotto/wire/zmtp';

const Z85 = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#';

/** 32 bytes in the text form that ZeroMQ bindings take keys in. */
export function z85(bytes: Uint8Array): string {
  let text = '';
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let offset = 0; offset < bytes.length; offset += 4) {
    let value = view.getUint32(offset);
    let digits = '';
    for (let digit = 0; digit < 5; digit++) {
      digits = Z85[value % 85] + digits;
      value = Math.floor(value / 85);
    }
    text += digits;
  }
  return text;
}

/** A DEALER on a raw socket, for tests that say byte by byte what is sent. */
export class RawDealer {
  readonly #socket: Socket;
  readonly #zmtp: ZmtpConnection;
  readonly #received: Uint8Array[][] = [];
  #wake = Promise.withResolvers<void>();
  #isClosed = false;

  private constructor(socket: Socket, zmtp: ZmtpConnection) {
    this.#socket = socket;
    this.#zmtp = zmtp;
    socket.on('error', () => {});
    socket.on('close', () => {
      this.#isClosed = true;
      this.#notify();
    });
    socket.on('data', (bytes: Buffer) => {
      const { events, output } = zmtp.receive(bytes);
      for (const part of output) socket.write(part);
      for (const event of events) if (event.type === 'message') this.#received.push(event.parts);
      this.#notify();
    });
    socket.write(zmtp.greeting);
  }

  /** Connects and shakes hands. */
  static async connect(
    port: number,
    listenerKey: Uint8Array,
    keys?: KeyPair,
    identity?: Uint8Array,
  ): Promise<RawDealer> {
    const own = keys ?? x25519KeyPair(randomBytes(32));
    const zmtp = dialCurve({ keys: own, listenerKey, random: randomBytes, ...(identity && { identity }) });
    const dealer = new RawDealer(connect(port, '127.0.0.1'), zmtp);
    while (!zmtp.ready && !dealer.#isClosed) await dealer.#wake.promise;
    return dealer;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  send(...parts: (Uint8Array | string)[]): void {
    this.#socket.write(this.#zmtp.send(parts.map((part) => Buffer.from(part))));
  }

  /** Bytes past ZMTP, to break it. */
  sendRaw(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }

  /** The next message; `null` if the connection closes first. */
  async receive(): Promise<Uint8Array[] | null> {
    while (this.#received.length === 0 && !this.#isClosed) await this.#wake.promise;
    return this.#received.shift() ?? null;
  }

  /** Stops reading what comes. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** Bytes that the far side has not taken yet. */
  get unsentBytes(): number {
    return this.#socket.writableLength;
  }

  close(): void {
    this.#socket.destroy();
  }

  #notify(): void {
    this.#wake.resolve();
    this.#wake = Promise.withResolvers();
  }
}
