import { foreignMonitorReply, type MonitorOutcome, monitorReply, toBt } from '@sotto/wire/rpc';
import { formatSwarmId } from '@sotto/wire/swarm';
import { swarmObject } from '../handler/swarm-object.ts';
import type { Swarm } from '../swarm/swarm-view.ts';

/** From here on members of other swarms are not named any more; a reply has to fit into one message (10 MiB). */
const MAX_BYTES_WITH_MEMBERS = 2 * 1024 * 1024;

/** Collects the replies to the registrations of one request (storage-rpc §10). */
export class MonitorReplies {
  readonly #encoded: Uint8Array[] = [];
  #bytes = 0;

  /** The registration was accepted or refused. */
  add(outcome: MonitorOutcome): void {
    this.#push(toBt(monitorReply(outcome)));
  }

  /** Another swarm keeps the account. */
  addForeign(swarm: Swarm): void {
    const { id } = swarm;
    const object = this.#bytes < MAX_BYTES_WITH_MEMBERS ? swarmObject(swarm) : { swarm: formatSwarmId(id) };
    this.#push(toBt(foreignMonitorReply(object)));
  }

  /** The reply in the form of the request: a list, or the one dict. */
  encoded(isList: boolean): Uint8Array {
    const parts = isList ? [Buffer.from('l'), ...this.#encoded, Buffer.from('e')] : this.#encoded;
    return Buffer.concat(parts);
  }

  #push(reply: Uint8Array): void {
    this.#encoded.push(reply);
    this.#bytes += reply.length;
  }
}
