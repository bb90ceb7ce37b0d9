import type { NodeList, NodeSource } from '@sotto/directory';
import { bytesToHex, hexToBytes, type Random } from '@sotto/wire/bytes';
import type { NodeRecord } from '@sotto/wire/nodes';
import { isPrivateAddress } from '@sotto/wire/onion';
import { accountTextPosition, swarmOfPosition } from '@sotto/wire/swarm';
import { shuffled } from '../surroundings.ts';
import type { Relay } from './relay.ts';

const DEFAULT_RELAYS = 3;

/** The nodes of the current directory that can be spoken to. */
export class NodePool {
  readonly #source: NodeSource;
  readonly #random: Random;
  #list: NodeList | null = null;
  #usable: readonly NodeRecord[] = [];
  #relays = new Map<string, Relay | null>();

  constructor(source: NodeSource, random: Random) {
    this.#source = source;
    this.#random = random;
  }

  /** Nodes that the directory lists, usable or not. */
  get listed(): number {
    return this.#current()?.nodes.length ?? 0;
  }

  /** Are the rules about distinct subnets and private addresses lifted? */
  get oneSite(): boolean {
    return this.#current()?.parameters.oneSite ?? false;
  }

  /** Relays of a path. */
  get relaysPerPath(): number {
    return this.#current()?.parameters.relays ?? DEFAULT_RELAYS;
  }

  /** A node by its Ed25519 key in hex; `null` if it is not listed or cannot be spoken to. */
  get(key: string): Relay | null {
    const list = this.#current();
    const record = list?.node(hexToBytes(key));
    return list && record && hasAddress(record, list.parameters.oneSite) ? this.#relayOf(record) : null;
  }

  /** Up to `count` nodes at random. The rule may look at those drawn before. */
  draw(count: number, isAllowed: (relay: Relay, drawn: readonly Relay[]) => boolean): Relay[] {
    this.#current();
    const drawn: Relay[] = [];
    for (const record of shuffled(this.#usable, this.#random)) {
      if (drawn.length === count) break;
      const relay = this.#relayOf(record);
      if (relay && isAllowed(relay, drawn)) drawn.push(relay);
    }
    return drawn;
  }

  /** The nodes that keep an account's mailbox, computed from the directory (onion-requests §7.4, 7). */
  swarm(accountId: string): Relay[] {
    const list = this.#current();
    const id = list && swarmOfPosition(accountTextPosition(accountId), list.swarmIds);
    if (!list || id === null) return [];
    return list
      .swarm(id)
      .filter((record) => hasAddress(record, list.parameters.oneSite))
      .map((record) => this.#relayOf(record))
      .filter((relay) => relay !== null);
  }

  #current(): NodeList | null {
    const list = this.#source.current();
    if (list !== this.#list) {
      this.#list = list;
      this.#relays = new Map();
      this.#usable = list?.nodes.filter((record) => hasAddress(record, list.parameters.oneSite)) ?? [];
    }
    return list;
  }

  #relayOf(record: NodeRecord): Relay | null {
    const key = bytesToHex(record.ed25519Key);
    let relay = this.#relays.get(key);
    if (relay === undefined) {
      // Converted when a node is first needed: thousands of conversions at once would be felt.
      const x25519Key = this.#list?.x25519Key(record) ?? null;
      const { ip, httpsPort, ed25519Key } = record;
      relay = x25519Key && { key, ed25519Key, x25519Key, ip, address: `${ip}:${httpsPort}` };
      this.#relays.set(key, relay);
    }
    return relay;
  }
}

function hasAddress({ ip, httpsPort }: NodeRecord, oneSite: boolean): boolean {
  return ip !== '0.0.0.0' && httpsPort !== 0 && (oneSite || !isPrivateAddress(ip));
}
