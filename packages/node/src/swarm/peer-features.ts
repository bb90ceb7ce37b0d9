import { bytesToHex } from '@sotto/wire/bytes';
import type { NodeRecord } from '@sotto/wire/nodes';
import type { PeerLink } from '../peers.ts';

const INFO_TIMEOUT_MS = 5_000;
const REMEMBERED_MS = 600_000;
const MOST_ANSWER_BYTES = 10_000;

/**
 * Which of our own commands other nodes know. They are asked with the client request `info`, which every node answers,
 * so that no node is ever sent a command that it does not know (sync §6).
 */
export class PeerFeatures {
  readonly #peers: PeerLink;
  readonly #monotonicNow: () => number;
  readonly #known = new Map<string, { readonly features: readonly string[]; readonly until: number }>();
  readonly #asking = new Map<string, Promise<readonly string[]>>();

  constructor(peers: PeerLink, monotonicNow: () => number) {
    this.#peers = peers;
    this.#monotonicNow = monotonicNow;
  }

  /** Whether the node announces the feature; false as well if it does not answer. */
  async has(node: NodeRecord, feature: string): Promise<boolean> {
    const name = bytesToHex(node.ed25519Key);
    const known = this.#known.get(name);
    if (known && known.until > this.#monotonicNow()) return known.features.includes(feature);
    let asking = this.#asking.get(name);
    if (!asking) {
      asking = this.#ask(node, name).finally(() => this.#asking.delete(name));
      this.#asking.set(name, asking);
    }
    return (await asking).includes(feature);
  }

  /** The node may be another version now. */
  forget({ ed25519Key }: NodeRecord): void {
    this.#known.delete(bytesToHex(ed25519Key));
  }

  async #ask(node: NodeRecord, name: string): Promise<readonly string[]> {
    const reply = await this.#peers.request(node, 'storage.info', [], INFO_TIMEOUT_MS);
    // Two parts are a refusal, such as being asked too often.
    if (reply?.length !== 1) return [];
    const features = announcedIn(reply[0]!);
    this.#known.set(name, { features, until: this.#monotonicNow() + REMEMBERED_MS });
    return features;
  }
}

function announcedIn(body: Uint8Array): readonly string[] {
  if (body.length > MOST_ANSWER_BYTES) return [];
  try {
    const { features } = JSON.parse(Buffer.from(body).toString('utf8'));
    return Array.isArray(features) ? features.filter((each) => typeof each === 'string') : [];
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return [];
    throw error;
  }
}
