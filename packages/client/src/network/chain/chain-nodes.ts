import {
  type ChainList,
  chainNodeList,
  DirectoryError,
  type NodeList,
  type NodeSource,
  parseChainList,
  serializeChainList,
} from '@sotto/directory';
import { bytesToHex } from '@sotto/wire/bytes';
import type { Clock } from '../../surroundings.ts';
import { type NetworkMemory, remember } from '../memory.ts';

/** Where the list is kept. */
export const CHAIN_MEMORY = 'chain nodes';

/** The list that is in use, kept over restarts. */
export class ChainNodes implements NodeSource {
  readonly #memory: NetworkMemory;
  readonly #chainId: string;
  readonly #oneSite: boolean;
  readonly #clock: Clock;
  readonly #listeners = new Set<(list: NodeList) => void>();
  #list: NodeList | null = null;

  /** @throws DirectoryError `wrong-network` if the list that is kept is another chain's. */
  constructor(memory: NetworkMemory, chain: { readonly id: string; readonly oneSite: boolean }, clock: Clock) {
    this.#memory = memory;
    this.#chainId = chain.id;
    this.#oneSite = chain.oneSite;
    this.#clock = clock;
    const kept = memory.read(CHAIN_MEMORY);
    const saved = kept && readSaved(Buffer.from(kept).toString('utf8'));
    if (!saved) return;
    if (saved.chain !== chain.id) throw new DirectoryError('wrong-network', 'the profile belongs to another network');
    this.#list = chainNodeList(saved.list, saved.takenAt, chain.oneSite);
  }

  current(): NodeList | null {
    return this.#list;
  }

  /** Lists of a chain have no end. */
  isExpired(): boolean {
    return false;
  }

  onChange(listener: (list: NodeList) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Takes a list that is believed. Those who look nodes up hear of it only if it is another one than before. */
  take(told: ChainList): void {
    const before = this.#list;
    const list = chainNodeList(told, this.#clock.now(), this.#oneSite);
    const text = serializeChainList(list);
    this.#list = list;
    const saved = { chain: this.#chainId, takenAt: list.validFrom, list: text };
    // Without it the next start asks the seeds again; a full disk must not keep anybody from their messages.
    remember(this.#memory, CHAIN_MEMORY, JSON.stringify(saved));
    if (before && sameNodes(before, list)) return;
    for (const listener of this.#listeners) listener(list);
  }
}

/** `null` for what a version before this one, or nobody, has written. */
function readSaved(text: string): { chain: string; takenAt: number; list: ChainList } | null {
  try {
    const { chain, takenAt, list } = JSON.parse(text) as Record<string, unknown>;
    if (typeof chain !== 'string' || typeof takenAt !== 'number' || typeof list !== 'string') return null;
    return { chain, takenAt, list: parseChainList(list) };
  } catch {
    return null;
  }
}

function sameNodes(a: NodeList, b: NodeList): boolean {
  const text = ({ nodes }: NodeList) =>
    nodes
      .map(({ ed25519Key, swarmId, ip, httpsPort }) => `${bytesToHex(ed25519Key)} ${swarmId} ${ip}:${httpsPort}`)
      .join('\n');
  return text(a) === text(b);
}
