import type { Socket } from 'node:net';
import { ProxyError } from './proxy-error.ts';

const EVENTS = ['readable', 'end', 'close', 'error'] as const;

/** Reads the beginning of what a proxy says, byte for byte: what follows belongs to whoever gets the socket. */
export class SocketReader implements Disposable {
  readonly #socket: Socket;
  #news = Promise.withResolvers<void>();
  readonly #tell = () => {
    this.#news.resolve();
    this.#news = Promise.withResolvers<void>();
  };

  constructor(socket: Socket) {
    this.#socket = socket;
    for (const event of EVENTS) socket.on(event, this.#tell);
  }

  /** Exactly so many bytes. @throws ProxyError `no-proxy` if the connection ends before */
  async read(count: number): Promise<Buffer> {
    for (;;) {
      const news = this.#news.promise;
      const bytes = this.#socket.read(count) as Buffer | null;
      // At the end of a stream what is left is given, however little it is.
      if (bytes?.length === count) return bytes;
      if (bytes !== null || this.#socket.readableEnded || this.#socket.destroyed) throw new ProxyError('no-proxy');
      await news;
    }
  }

  /** Leaves the socket to others. */
  [Symbol.dispose](): void {
    for (const event of EVENTS) this.#socket.off(event, this.#tell);
  }
}
