import { contentFileId, runSteps } from '@sotto/wire/attachment';
import { bytesToHex, utf8ToBytes } from '@sotto/wire/bytes';
import { ed25519KeyPair, ed25519SecretToX25519, x25519KeyPair } from '@sotto/wire/crypto';
import {
  decodeV4Request,
  encodeV4Reply,
  openServerBody,
  type ReceivedV4Request,
  sealServerReply,
  type V4Answer,
} from '@sotto/wire/onion';
import type { ServerPlace } from '../network/server-access.ts';
import type { HttpAnswer } from '../network/transport.ts';
import { seededRandom } from './seeded-random.ts';
import type { SimulatedNetwork, SimulatedNode } from './simulated-network.ts';

/** A file server in memory; onions are really opened. */
export class SimulatedFileServer {
  readonly place: ServerPlace;
  readonly files = new Map<string, Uint8Array>();
  /** What was asked for, oldest first. */
  readonly asked: string[] = [];
  /** Nodes that have posted something. */
  readonly exits = new Set<SimulatedNode>();
  /** Answers every request with this status instead. */
  failsWith: number | null = null;
  /** Says nothing at all. */
  isSilent = false;
  readonly #network: SimulatedNetwork;
  readonly #keys;
  readonly #random;

  constructor(network: SimulatedNetwork, host: string) {
    const { publicKey, secretKey } = ed25519KeyPair(utf8ToBytes(host.padEnd(32, '.')));
    this.#keys = x25519KeyPair(ed25519SecretToX25519(secretKey));
    this.#random = seededRandom(host);
    this.#network = network;
    this.place = { url: `http://${host}`, key: bytesToHex(publicKey) };
    this.start();
  }

  start(): void {
    this.#network.servers.set(this.#target, (layer, exit) => this.#answer(layer, exit));
  }

  /** Nobody reaches it any more. */
  stop(): void {
    this.#network.servers.delete(this.#target);
  }

  get #target(): string {
    return `${this.place.url}/oxen/v4/lsrpc`;
  }

  #answer(layer: Uint8Array, exit: SimulatedNode): HttpAnswer | 'silence' {
    this.exits.add(exit);
    if (this.isSilent) return 'silence';
    const { payload, replyKey } = openServerBody(this.#keys, layer);
    const request = decodeV4Request(payload);
    this.asked.push(`${request.method} ${request.endpoint}`);
    const plaintext = encodeV4Reply(this.#run(request));
    return { status: 200, body: sealServerReply(replyKey, plaintext, 'raw', this.#random) };
  }

  #run({ method, endpoint, body }: ReceivedV4Request): V4Answer {
    if (this.failsWith !== null) return json(this.failsWith, { status_code: this.failsWith });
    if (method === 'POST' && endpoint === '/file') {
      const id = runSteps(contentFileId(body));
      this.files.set(id, body.slice());
      return json(200, { id, expires: 1_800_000_000.5 });
    }
    const [, , id = '', action] = endpoint.split('/');
    const file = this.files.get(id);
    if (!file) return json(404, { status_code: 404 });
    if (action === 'extend') return json(200, { size: file.length, uploaded: 1, expires: 1_900_000_000 });
    return { status: 200, headers: { 'content-type': 'application/octet-stream' }, body: file };
  }
}

function json(status: number, value: object): V4Answer {
  return { status, headers: { 'content-type': 'application/json' }, body: utf8ToBytes(JSON.stringify(value)) };
}
