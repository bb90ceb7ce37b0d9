import { setTimeout as delay } from 'node:timers/promises';
import { WireError } from '@sotto/wire';
import { bytesToHex, type Random, wipe } from '@sotto/wire/bytes';
import type { KeyPair } from '@sotto/wire/crypto';
import { isContactable, type NodeRecord } from '@sotto/wire/nodes';
import {
  decodeHopMessage,
  encodeHopMessage,
  INVALID_JSON,
  INVALID_URL,
  MAX_HOP_NUMBER,
  type NodeAnswer,
  type NodeRelay,
  type PeeledLayer,
  parseEdgeBody,
  peelLayer,
  type SealedLayer,
  sealNodeReply,
} from '@sotto/wire/onion';
import type { PeerLink } from '../peers.ts';
import type { Caller } from '../waiting/caller.ts';
import type { ServerExit } from './server-exit.ts';

/** The answer to an onion layer: HTTP status and body at the edge, the two reply parts further in. */
export interface OnionReply {
  readonly status: number;
  readonly body: string | Uint8Array;
}

/** What the router of onion layers needs. */
export interface OnionRouterOptions {
  readonly ed25519Key: Uint8Array;
  readonly x25519: KeyPair;
  isReady(): boolean;
  /** The active node with this Ed25519 key, if there is one. */
  node(ed25519Key: Uint8Array): NodeRecord | undefined;
  readonly peers: PeerLink;
  readonly exit: Pick<ServerExit, 'post'>;
  /** Runs the RPC of a request that is meant for this node and came from this neighbour; never rejects. */
  answer(body: Uint8Array, caller: Caller): Promise<NodeAnswer>;
  readonly random: Random;
  /** Told of every onion request, and of every one that leaves the network here; for statistics. */
  readonly onOnion: () => void;
  readonly onExit: () => void;
}

const RELAY_TIMEOUT_MS = 30_000;
const CLOSE_GRACE_MS = 500;
const PASSED_ON = new Set([200, 400, 401, 403, 404, 406, 410, 413, 421, 429, 500, 502, 503, 504]);

/** Peels onion layers and does what they ask (onion-requests §2). Nothing that a stranger sends makes it throw. */
export class OnionRouter {
  readonly #options: OnionRouterOptions;
  /** Each ends the waiting for the reply to an onion that was passed on. */
  readonly #giveUps = new Set<() => void>();

  constructor(options: OnionRouterOptions) {
    this.#options = options;
  }

  /** A request as a client posts it to its guard (§1.2). */
  edge(body: Uint8Array, caller: Caller): Promise<OnionReply> {
    const request = orProblem(() => parseEdgeBody(body));
    if (typeof request === 'string') return refused(400, `Error parsing onion request: ${request}`);
    return this.#process(request, request.hopNumber, caller);
  }

  /** The data parts of an `sn.onion_request` of another node (§2.4). */
  hop(parts: readonly Uint8Array[], caller: Caller): Promise<OnionReply> {
    const [part] = parts;
    const message =
      part && parts.length === 1 ? orProblem(() => decodeHopMessage(part)) : `expected 1 part, got ${parts.length}`;
    if (typeof message === 'string') return refused(400, `Invalid internal onion request: ${message}`);
    if (message.hopNumber > MAX_HOP_NUMBER) return refused(400, 'onion request max path length exceeded');
    return this.#process(message, message.hopNumber, caller);
  }

  /**
   * The node stops: after a moment nobody waits any more for replies from others, who may hold them for long (waiting §1).
   * Call it when `isReady` is false already.
   */
  async close(): Promise<void> {
    if (this.#giveUps.size > 0) await delay(CLOSE_GRACE_MS);
    for (const giveUp of this.#giveUps) giveUp();
  }

  #process(layer: SealedLayer, hopNumber: number, caller: Caller): Promise<OnionReply> {
    const { ed25519Key, x25519 } = this.#options;
    if (!this.#options.isReady()) return refused(503, `Snode not ready: ${bytesToHex(ed25519Key)}`);
    this.#options.onOnion();
    const peeled = peelLayer(x25519, layer);
    switch (peeled.kind) {
      case 'invalid-ciphertext':
        return refused(400, 'Invalid ciphertext');
      case 'relay-node':
        return this.#relay(peeled, hopNumber + 1);
      default:
        return this.#answerSealed(peeled, caller).finally(() => wipe(peeled.replyKey.key));
    }
  }

  async #answerSealed(
    peeled: Extract<PeeledLayer, { kind: 'final' | 'relay-server' | 'invalid-json' }>,
    caller: Caller,
  ): Promise<OnionReply> {
    const { random } = this.#options;
    const sealed = (answer: NodeAnswer): OnionReply => ({
      status: 200,
      body: sealNodeReply(peeled.replyKey, answer, random),
    });
    switch (peeled.kind) {
      case 'invalid-json':
        return sealed(INVALID_JSON);
      case 'relay-server':
        this.#options.onExit();
        return (await this.#options.exit.post(peeled)) ?? sealed(INVALID_URL);
      case 'final': {
        const answer = await this.#options.answer(peeled.body, caller);
        return { status: 200, body: sealNodeReply(peeled.replyKey, answer, random, peeled) };
      }
    }
  }

  #relay(relay: NodeRelay, hopNumber: number): Promise<OnionReply> {
    const { destination, ciphertext, ephemeralKey, encryptionType } = relay;
    const next = this.#options.node(destination);
    if (!next) return refused(502, `Next node not found: ${bytesToHex(destination)}`);
    if (!isContactable(next)) {
      return refused(502, `Next node is currently unreachable: ${bytesToHex(destination)}`);
    }
    const message = encodeHopMessage({ ciphertext, ephemeralKey, encryptionType, hopNumber });
    const { promise, resolve } = Promise.withResolvers<OnionReply>();
    const finish = (reply: readonly Uint8Array[] | null) => {
      this.#giveUps.delete(giveUp);
      resolve(relayedReply(reply));
    };
    const giveUp = () => finish(null);
    this.#giveUps.add(giveUp);
    void this.#options.peers.request(next, 'sn.onion_request', [message], RELAY_TIMEOUT_MS).then(finish);
    return promise;
  }
}

/** What a client is told of the next node's reply (§2.4). */
function relayedReply(reply: readonly Uint8Array[] | null): OnionReply {
  if (reply === null) return { status: 504, body: 'Request time out' };
  const [status, body] = reply;
  if (!status || !body) return { status: 500, body: 'Invalid response from snode' };
  return { status: mappedStatus(status), body };
}

function refused(status: number, body: string): Promise<OnionReply> {
  return Promise.resolve({ status, body });
}

/** Codes that clients do not know become 500 (§2.4). */
function mappedStatus(text: Uint8Array): number {
  const status = Number(Buffer.from(text).toString('latin1'));
  return PASSED_ON.has(status) ? status : 500;
}

function orProblem<Value>(parse: () => Value): Value | string {
  try {
    return parse();
  } catch (error) {
    if (error instanceof WireError) return error.message;
    throw error;
  }
}
