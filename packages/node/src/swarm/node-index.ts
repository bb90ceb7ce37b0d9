import type { NodeList, NodeSource } from '@sotto/directory';
import { bytesToHex } from '@sotto/wire/bytes';
import type { NodeRecord } from '@sotto/wire/nodes';

const UNKNOWN = Symbol();

/** Finds nodes of the current list by the X25519 key that their connections prove. */
export class NodeIndex {
  readonly #source: NodeSource;
  #indexed: NodeList | null = null;
  #byKey: ReadonlyMap<string, NodeRecord> = new Map();
  /** What was found for keys before, by the arrays themselves: a connection asks with its own for every message. */
  #found = new WeakMap<Uint8Array, NodeRecord | typeof UNKNOWN>();

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
      this.#found = new WeakMap();
    }
    let found = this.#found.get(x25519Key);
    if (found === undefined) {
      found = this.#byKey.get(bytesToHex(x25519Key)) ?? UNKNOWN;
      this.#found.set(x25519Key, found);
    }
    return found === UNKNOWN ? undefined : found;
  }
}

function entryOf(list: NodeList, node: NodeRecord): [string, NodeRecord][] {
  const key = list.x25519Key(node);
  return key ? [[bytesToHex(key), node]] : [];
}
