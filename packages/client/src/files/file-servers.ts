import type { AnyNetworkFile } from '@sotto/directory';
import type { Random } from '@sotto/wire/bytes';
import type { ServerPlace } from '../network/server-access.ts';
import { type Clock, shuffled } from '../surroundings.ts';

/** A server that failed is asked last for so long, ms. */
const REST_MS = 600_000;

/** The file servers of a network, and which of them failed lately. */
export class FileServers {
  readonly #servers: readonly ServerPlace[];
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #failedAt = new Map<string, number>();

  constructor(network: Pick<AnyNetworkFile, 'files'>, clock: Clock, random: Random) {
    this.#servers = network.files ?? [];
    this.#clock = clock;
    this.#random = random;
  }

  /** In random order, so that files spread over them; those that failed lately come last. */
  inOrder(): ServerPlace[] {
    const mixed = shuffled(this.#servers, this.#random);
    return [...mixed.filter((server) => !this.#rests(server)), ...mixed.filter((server) => this.#rests(server))];
  }

  /** The server at an origin, by which a URL without a key is understood. */
  at(origin: string): ServerPlace | null {
    return this.#servers.find(({ url }) => url === origin) ?? null;
  }

  failed({ key }: ServerPlace): void {
    this.#failedAt.set(key, this.#clock.now());
  }

  succeeded({ key }: ServerPlace): void {
    this.#failedAt.delete(key);
  }

  #rests({ key }: ServerPlace): boolean {
    const at = this.#failedAt.get(key);
    return at !== undefined && Math.abs(this.#clock.now() - at) < REST_MS;
  }
}
