import type { NodeSource } from '@sotto/directory';
import { isContactable, type NodeRecord } from '@sotto/wire/nodes';
import type { RequestResult } from '@sotto/wire/oxenmq';
import type { PeerLink } from '../peers.ts';
import type { OmqAddress, OmqEndpoint } from './omq-endpoint.ts';

/** Reaches other nodes by OxenMQ. The endpoint is given later because its own commands need the link. */
export class OmqPeers implements PeerLink {
  readonly #source: NodeSource;
  #endpoint: OmqEndpoint | null = null;

  constructor(source: NodeSource) {
    this.#source = source;
  }

  use(endpoint: OmqEndpoint): void {
    this.#endpoint = endpoint;
  }

  request(
    node: NodeRecord,
    command: string,
    parts: readonly Uint8Array[],
    timeout: number,
  ): Promise<readonly Uint8Array[] | null> {
    const address = this.addressOf(node);
    if (!address || !this.#endpoint) return Promise.resolve(null);
    return this.#endpoint.request(address, command, parts, timeout).then(dataOf);
  }

  /** Where a node is dialled; `null` if that is not known. */
  addressOf(node: NodeRecord): OmqAddress | null {
    const key = this.#source.current()?.x25519Key(node);
    return key && isContactable(node) ? { key, host: node.ip, port: node.omqPort } : null;
  }
}

function dataOf(result: RequestResult): readonly Uint8Array[] | null {
  return result.ok ? result.data : null;
}
