import type { NodeList, NodeSource } from '@sotto/directory';
import { equalBytes } from '@sotto/wire/bytes';
import type { NodeRecord } from '@sotto/wire/nodes';
import { accountPosition, NO_SWARM, type SwarmId, swarmOfPosition } from '@sotto/wire/swarm';

/** The swarm that keeps an account. */
export interface Swarm {
  readonly id: SwarmId;
  readonly members: readonly NodeRecord[];
}

/** What a node knows of swarms: its own, and who keeps which account (node-network §6). Follows the node source. */
export class SwarmView {
  readonly #source: NodeSource;
  readonly #ownKey: Uint8Array;

  constructor(source: NodeSource, ownKey: Uint8Array) {
    this.#source = source;
    this.#ownKey = ownKey;
  }

  /** The current list; `null` while there is none. */
  list(): NodeList | null {
    return this.#source.current();
  }

  /** Whoever keeps the account (33 bytes); `null` if no swarm is known at all. */
  swarmOf(account: Uint8Array): Swarm | null {
    const list = this.#source.current();
    const id = list && swarmOfPosition(accountPosition(account), list.swarmIds);
    return list && id !== null ? { id, members: list.swarm(id) } : null;
  }

  /** Our own swarm; `null` if we are in none. */
  own(): Swarm | null {
    const list = this.#source.current();
    const self = list?.node(this.#ownKey);
    return list && self && self.swarmId !== NO_SWARM ? { id: self.swarmId, members: list.swarm(self.swarmId) } : null;
  }

  /** The other members of our swarm. */
  peers(): readonly NodeRecord[] {
    return this.own()?.members.filter((member) => !equalBytes(member.ed25519Key, this.#ownKey)) ?? [];
  }
}
