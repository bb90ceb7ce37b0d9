import { clientOfAddress } from './client-address.ts';

/**
 * Bounds what requests that are being received or worked on hold in memory, in bytes: in all, and of one client, so that
 * nobody can take the share of everybody.
 */
export class ByteBudget {
  readonly #maxBytes: number;
  readonly #maxBytesOfClient: number;
  readonly #usedBy = new Map<string, number>();
  #usedBytes = 0;

  constructor(maxBytes: number, maxBytesOfClient: number) {
    this.#maxBytes = maxBytes;
    this.#maxBytesOfClient = maxBytesOfClient;
  }

  /** Takes bytes for the client at this address; false, and nothing taken, if there are too few left. */
  take(address: string, bytes: number): boolean {
    const client = clientOfAddress(address);
    const used = (this.#usedBy.get(client) ?? 0) + bytes;
    if (used > this.#maxBytesOfClient || this.#usedBytes + bytes > this.#maxBytes) return false;
    this.#set(client, used);
    this.#usedBytes += bytes;
    return true;
  }

  /** Gives back bytes that were taken for the same address. */
  give(address: string, bytes: number): void {
    const client = clientOfAddress(address);
    this.#set(client, (this.#usedBy.get(client) ?? 0) - bytes);
    this.#usedBytes -= bytes;
  }

  #set(client: string, bytes: number): void {
    if (bytes > 0) this.#usedBy.set(client, bytes);
    else this.#usedBy.delete(client);
  }
}
