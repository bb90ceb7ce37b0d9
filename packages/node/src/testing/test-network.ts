import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request as httpsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { directoryReply, loadOrCreateCertificate, type NetworkFile, networkId, signDirectory } from '@sotto/directory';
import { bytesToHex } from '@sotto/wire/bytes';
import { ed25519KeyPair } from '@sotto/wire/crypto';
import type { NodeRecord } from '@sotto/wire/nodes';
import type { JsonRequest } from '@sotto/wire/rpc';
import { type HttpsServer, startHttpsServer } from '../https/server.ts';
import { createLog } from '../log.ts';
import type { NodeOptions, RunningNode } from '../node-options.ts';
import { startNode } from '../start-node.ts';

/** An HTTPS answer as tests look at it. */
export interface TestAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
  /** The body as JSON. */
  json(): Record<string, unknown>;
}

/**
 * Nodes in this process on real sockets of free ports, each with its own folder, and an authority that publishes
 * whatever directory the test says.
 */
export class TestNetwork {
  readonly folder = mkdtempSync(join(tmpdir(), 'sotto-nodes-'));
  readonly nodes: RunningNode[] = [];
  readonly logLines: string[] = [];
  readonly #authority = ed25519KeyPair(new Uint8Array(32).fill(42));
  readonly #agent = new Agent({ keepAlive: true, rejectUnauthorized: false });
  #server: HttpsServer | undefined;
  #directory: Uint8Array | null = null;
  #epoch = 0;

  static async start(count: number, options: Partial<NodeOptions> = {}): Promise<TestNetwork> {
    const network = new TestNetwork();
    network.#server = await startHttpsServer({
      host: '127.0.0.1',
      port: 0,
      tls: await loadOrCreateCertificate(network.folder),
      version: '0',
      routes: {
        'GET /directory/v1': {
          answer: (_body, request) => ({
            ...directoryReply(network.#directory, request.headers['if-none-match']),
            type: 'text/plain',
          }),
        },
      },
      notReady: () => [],
      monotonicNow: () => 0,
      log: createLog('silent'),
    });
    for (let index = 0; index < count; index++) await network.startNode(index, options);
    return network;
  }

  /** The network file; its authority is this object. */
  get file(): NetworkFile {
    const url = `https://127.0.0.1:${this.#server!.port}`;
    return {
      sotto: 1,
      name: 'Test',
      created: 1,
      authorities: [{ key: bytesToHex(this.#authority.publicKey), urls: [url] }],
      threshold: 1,
      seeds: [],
      parameters: { swarmMin: 1, swarmIdeal: 3, swarmMargin: 0, relays: 3, join: 'listed', oneSite: true },
      communities: [],
    };
  }

  /** Starts a node, or starts it again on the ports it had. */
  async startNode(index: number, options: Partial<NodeOptions> = {}): Promise<RunningNode> {
    const before = this.nodes[index];
    const node = await startNode({
      folder: join(this.folder, String(index)),
      networkFile: this.file,
      httpsPort: before?.httpsPort ?? 0,
      omqPort: before?.omqPort ?? 0,
      directoryInterval: 20,
      deliveryInterval: 50,
      log: createLog('debug', (line) => this.logLines.push(line)),
      ...options,
    });
    if (before) this.#stopped.delete(before);
    this.nodes[index] = node;
    return node;
  }

  /** The record of a running node, in the given swarm. */
  record(index: number, swarmId = 0n): NodeRecord {
    const { keys, httpsPort, omqPort } = this.nodes[index]!;
    return { ed25519Key: keys.ed25519, swarmId, ip: '127.0.0.1', httpsPort, omqPort, version: [2, 11, 3] };
  }

  /** Publishes a directory with these nodes (absent: all, in one swarm) and waits until the running ones have it. */
  async publish(records = this.nodes.map((_, index) => this.record(index))): Promise<void> {
    const epoch = ++this.#epoch;
    const validFrom = Date.now();
    this.#directory = signDirectory(
      {
        networkId: networkId(this.file),
        epoch,
        validFrom,
        validUntil: validFrom + 86_400_000,
        nodes: records,
        parameters: this.file.parameters,
      },
      [this.#authority],
    );
    await this.until(
      () => this.logLines.filter((line) => line.includes(`"epoch":${epoch},`)).length >= this.#running(),
    );
  }

  /** Sends a request over HTTPS. */
  send(
    port: number,
    method: string,
    path: string,
    body: string | Uint8Array = '',
    headers: Record<string, string> = {},
  ): Promise<TestAnswer> {
    const { promise, resolve, reject } = Promise.withResolvers<TestAnswer>();
    const options = { host: '127.0.0.1', port, method, path, headers, agent: this.#agent };
    const request = httpsRequest(options, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('error', reject);
      response.on('end', () => {
        const whole = Buffer.concat(parts);
        const { statusCode = 0, headers } = response;
        resolve({ status: statusCode, headers, body: whole, json: () => JSON.parse(whole.toString()) });
      });
    });
    request.on('error', reject);
    request.end(body);
    return promise;
  }

  /** A storage request to a node. */
  rpc(index: number, request: JsonRequest): Promise<TestAnswer> {
    return this.send(this.nodes[index]!.httpsPort, 'POST', '/storage_rpc/v1', JSON.stringify(request));
  }

  /** Stops a node and remembers its ports. */
  async stopNode(index: number): Promise<void> {
    await this.nodes[index]!.close();
    this.#stopped.add(this.nodes[index]!);
  }

  /** Waits until something holds. */
  async until(condition: () => boolean | Promise<boolean>): Promise<void> {
    while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5));
  }

  async close(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.close()));
    this.#agent.destroy();
    await this.#server?.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  readonly #stopped = new Set<RunningNode>();

  #running(): number {
    return this.nodes.filter((node) => !this.#stopped.has(node)).length;
  }
}
