import type { NodeList, NodeSource } from '@sotto/directory';
import { bytesToHex } from '@sotto/wire/bytes';
import type { NodeRecord } from '@sotto/wire/nodes';

/** Finds nodes of the current list by the X25519 key that their connections prove. */
export class NodeIndex {
  readonly #source: NodeSource;
  #indexed: NodeList | null = null;
  #byKey: ReadonlyMap<string, NodeRecord> = new Map();

  constructor(source: NodeSource) {
    this.#source = source;
  }

  /**
   * The listed node with this X25519 key; evaluated anew for every call, as access to `sn.*` needs (node-network §4.3).
   */
  node(x25519Key: Uint8Array): NodeRecord | undefined {
    const list = this.#source.current();
    if (list !== this.#indexed) {
      this.#indexed = list;
      this.#byKey = new Map(list?.nodes.flatMap((node) => entryOf(list, node)) ?? []);
    }
    return this.#byKey.get(bytesToHex(x25519Key));
  }
}

function entryOf(list: NodeList, node: NodeRecord): [string, NodeRecord][] {
  const key = list.x25519Key(node);
  return key ? [[bytesToHex(key), node]] : [];
}
