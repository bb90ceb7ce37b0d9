import type { Random } from '@sotto/wire/bytes';
import { shuffled } from '../surroundings.ts';
import type { NodePool } from './node-pool.ts';
import type { Relay } from './relay.ts';
import type { Strikes } from './strikes.ts';

/** Accounts whose redirects are remembered at a time. */
const MOST_ACCOUNTS = 1000;
/** More members than any swarm has. */
const MOST_MEMBERS = 100;

/** What nodes have said about the swarm of an account that the directory gives otherwise. */
interface Redirects {
  /** Who has said which members: keys in hex, sorted and joined. */
  readonly votes: Map<string, string>;
  /** Members on which two nodes agree; `null` until then. */
  agreed: readonly Relay[] | null;
}

/**
 * Which nodes keep an account's mailbox: computed from the directory, corrected by nodes that answer 421. They may only
 * name nodes that the directory lists, and a single one is believed for a single request only (onion-requests §5.2, §7.3).
 */
export class Swarms {
  readonly #pool: NodePool;
  readonly #strikes: Strikes;
  readonly #random: Random;
  readonly #redirects = new Map<string, Redirects>();

  constructor(pool: NodePool, strikes: Strikes, random: Random) {
    this.#pool = pool;
    this.#strikes = strikes;
    this.#random = random;
  }

  /** The members in random order, those with fewer strikes first. */
  members(accountId: string): Relay[] {
    const members = this.#redirects.get(accountId)?.agreed ?? this.#pool.swarm(accountId);
    return this.#inOrder(members);
  }

  /**
   * Takes the body of a 421 (storage-rpc §7).
   * @returns the members that it names, for the next attempt of this request; none if it names nobody whom we know.
   */
  redirected(accountId: string, from: Relay, body: unknown): Relay[] {
    const named = readKeys(body)
      .map((key) => this.#pool.get(key))
      .filter((relay) => relay !== null && relay.key !== from.key) as Relay[];
    const members = [...new Map(named.map((relay) => [relay.key, relay])).values()];
    if (members.length === 0) return [];
    this.#vote(accountId, from, members);
    return this.#inOrder(members);
  }

  /** Another directory has come: what nodes said against the old one is void. */
  reset(): void {
    this.#redirects.clear();
  }

  #vote(accountId: string, from: Relay, members: readonly Relay[]): void {
    if (this.#redirects.size >= MOST_ACCOUNTS) this.#redirects.clear();
    const redirects = this.#redirects.get(accountId) ?? { votes: new Map<string, string>(), agreed: null };
    this.#redirects.set(accountId, redirects);
    const vote = members
      .map(({ key }) => key)
      .sort()
      .join();
    const isSeconded = [...redirects.votes].some(([voter, other]) => voter !== from.key && other === vote);
    redirects.votes.set(from.key, vote);
    // Whom the agreed members send elsewhere has been lied to, or the swarm has changed again: back to the directory.
    if (redirects.agreed?.some(({ key }) => key === from.key)) redirects.agreed = null;
    else if (isSeconded) redirects.agreed = members;
  }

  #inOrder(members: readonly Relay[]): Relay[] {
    return shuffled(members, this.#random).sort((a, b) => this.#strikes.count(a.key) - this.#strikes.count(b.key));
  }
}

/** The Ed25519 keys in `snodes`. */
function readKeys(body: unknown): string[] {
  const { snodes } = (typeof body === 'object' && body !== null ? body : {}) as { snodes?: unknown };
  if (!Array.isArray(snodes)) return [];
  return snodes.slice(0, MOST_MEMBERS).flatMap((entry: unknown) => {
    const key = (entry as { pubkey_ed25519?: unknown } | null)?.pubkey_ed25519;
    return typeof key === 'string' && /^[0-9a-f]{64}$/.test(key) ? [key] : [];
  });
}
