import { randomBytes } from 'node:crypto';
import { Agent, request } from 'node:https';
import { bytesToHex, hexToBytes } from '@sotto/wire/bytes';
import { ed25519KeyPair } from '@sotto/wire/crypto';
import {
  accountSigner,
  buildRetrieve,
  buildStore,
  type JsonRequest,
  messageHash,
  type RequestSigner,
} from '@sotto/wire/rpc';
import { accountPosition, swarmOfPosition } from '@sotto/wire/swarm';
import type { LabNode } from '../lab-node.ts';
import type { LabNetwork } from '../start-network.ts';

const TTL = 86_400_000;

/** Somebody with a mailbox. */
export interface Owner {
  readonly id: string;
  readonly signer: RequestSigner;
}

/** The result of one member in the answer to a request that the whole swarm executes. */
export interface MemberResult {
  readonly failed?: boolean;
  readonly timeout?: boolean;
}

/** Talks to single nodes of a network as a client does, to see what each of them keeps. */
export class Mailboxes {
  readonly #network: LabNetwork;
  readonly #agent = new Agent({ rejectUnauthorized: false, keepAlive: true });

  constructor(network: LabNetwork) {
    this.#network = network;
  }

  owner(): Owner {
    const keys = ed25519KeyPair(randomBytes(32));
    const id = `03${bytesToHex(keys.publicKey)}`;
    return { id, signer: accountSigner(id, keys) };
  }

  /** The status and the body, which is an object or a text; rejects if the node cannot be reached. */
  ask(node: LabNode, rpc: JsonRequest): Promise<{ readonly status: number; readonly body: unknown }> {
    const { promise, resolve, reject } = Promise.withResolvers<{ status: number; body: unknown }>();
    const options = { host: '127.0.0.1', port: node.httpsPort, path: '/storage_rpc/v1', method: 'POST' };
    const sent = request({ ...options, agent: this.#agent }, async (response) => {
      try {
        const parts: Buffer[] = [];
        for await (const part of response as AsyncIterable<Buffer>) parts.push(part);
        const text = Buffer.concat(parts).toString();
        resolve({ status: response.statusCode!, body: text.startsWith('{') ? JSON.parse(text) : text });
      } catch (error) {
        reject(error);
      }
    });
    sent.on('error', reject);
    sent.end(JSON.stringify(rpc));
    return promise;
  }

  /** Stores a text in an open mailbox; gives the results of the members by their key. Rejects unless it is acknowledged. */
  async store(node: LabNode, { id }: Owner, text: string): Promise<ReadonlyMap<string, MemberResult>> {
    const rpc = buildStore({ accountId: id, data: Buffer.from(text), timestamp: Date.now(), ttl: TTL });
    const { status, body } = await this.ask(node, rpc);
    const answer = body as { hash?: string; swarm: Record<string, MemberResult> };
    if (status !== 200 || answer.hash !== this.hash({ id }, text)) throw new Error(`not stored: ${status}`);
    return new Map(Object.entries(answer.swarm));
  }

  hash({ id }: Pick<Owner, 'id'>, text: string): string {
    return messageHash(hexToBytes(id), 0, Buffer.from(text));
  }

  /** What a node keeps in the mailbox, sorted; `null` if it does not answer as its keeper. */
  async texts(node: LabNode, { signer }: Owner): Promise<string[] | null> {
    const rpc = buildRetrieve(signer, { timestamp: Date.now(), maxSize: -1 });
    const { status, body } = await this.ask(node, rpc).catch(() => ({ status: 0, body: null }));
    if (status !== 200) return null;
    const { messages } = body as { messages: readonly { data: string }[] };
    return messages.map(({ data }) => Buffer.from(data, 'base64').toString()).sort();
  }

  /** The nodes that should keep the mailbox now. */
  keepers({ id }: Owner): LabNode[] {
    const { swarmIds } = this.#network.directory.current()!;
    const swarm = swarmOfPosition(accountPosition(hexToBytes(id)), swarmIds);
    return this.#network.nodes.filter(({ swarmId }) => swarmId === swarm);
  }

  close(): void {
    this.#agent.destroy();
  }
}
