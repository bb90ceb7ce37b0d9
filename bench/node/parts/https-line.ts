import { once } from 'node:events';
import { connect, type TLSSocket } from 'node:tls';

/** An answer: its status, and its body if that was asked for. */
export interface LineReply {
  readonly status: number;
  readonly body: Uint8Array;
}

/** What a connection does: one request after the other. */
export interface Line {
  exchange(request: Uint8Array): Promise<LineReply>;
  close(): void;
}

/** One keep-alive HTTPS connection (TLS 1.3), with as little work of its own as possible. */
export class HttpsLine implements Line {
  readonly #socket: TLSSocket;
  #received: Buffer = Buffer.alloc(0);
  #waiting: PromiseWithResolvers<LineReply> | null = null;

  private constructor(socket: TLSSocket) {
    this.#socket = socket;
    socket.on('data', (bytes: Buffer) => this.#receive(bytes));
    socket.on('error', () => {});
    socket.on('close', () => this.#waiting?.reject(new Error('the connection was closed')));
  }

  static async open(port: number): Promise<HttpsLine> {
    const options = { host: '127.0.0.1', port, rejectUnauthorized: false, minVersion: 'TLSv1.3' } as const;
    const socket = connect(options);
    await once(socket, 'secureConnect');
    socket.setNoDelay(true);
    return new HttpsLine(socket);
  }

  exchange(request: Uint8Array): Promise<LineReply> {
    this.#waiting = Promise.withResolvers();
    this.#socket.write(request);
    return this.#waiting.promise;
  }

  close(): void {
    this.#socket.destroy();
  }

  #receive(bytes: Buffer): void {
    const received = this.#received.length > 0 ? Buffer.concat([this.#received, bytes]) : bytes;
    const headEnd = received.indexOf('\r\n\r\n');
    const head = headEnd < 0 ? '' : received.toString('latin1', 0, headEnd);
    const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? Number.NaN);
    if (headEnd < 0 || received.length < headEnd + 4 + length) {
      this.#received = received;
      return;
    }
    this.#received = Buffer.alloc(0);
    this.#waiting?.resolve({ status: Number(head.slice(9, 12)), body: received.subarray(headEnd + 4) });
  }
}

/** The bytes of a POST. */
export function post(path: string, body: Uint8Array): Uint8Array {
  return Buffer.concat([
    Buffer.from(`POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${body.length}\r\n\r\n`),
    body,
  ]);
}
