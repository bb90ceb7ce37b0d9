/** The way back to whoever sent commands over a connection; the same object for all of them. */
export interface ReturnPath {
  readonly address: string;
  /** Aborts when the connection is gone. */
  readonly closed: AbortSignal;
  /** Sends a plain command; false if the connection is gone or too much waits there to be read. */
  push(command: string, data: readonly Uint8Array[]): boolean;
}

/** The return path of one connection, in the hands of its owner. */
export class ConnectionPath implements ReturnPath {
  readonly address: string;
  readonly push: ReturnPath['push'];
  readonly #controller = new AbortController();

  constructor(address: string, push: ReturnPath['push']) {
    this.address = address;
    this.push = push;
  }

  get closed(): AbortSignal {
    return this.#controller.signal;
  }

  /** The connection is gone. */
  close(): void {
    this.#controller.abort();
  }
}
