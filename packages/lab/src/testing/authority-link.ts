import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { type Certificate, DIRECTORY_PATH, ROUND_PATH } from '@sotto/directory';
import { askHttps, type HttpsAnswer } from './ask-https.ts';

/**
 * The way from one authority to another, through which the test can cut, change and repeat what passes. Everything that
 * the one asks of the other goes through it, also its questions for the newest directory.
 */
export class AuthorityLink {
  /** Nothing passes. */
  isCut = false;
  /** What arrives of a message about a round: nothing, it, others. */
  change: (message: Uint8Array) => readonly Uint8Array[] = (message) => [message];
  /** What is answered instead of the other one's directory; `null`: that itself. */
  directory: Uint8Array | null = null;
  readonly #target: string;
  readonly #server: Server;

  private constructor(target: string, certificate: Certificate) {
    this.#target = target;
    this.#server = createServer(certificate, (request, response) => void this.#pass(request, response));
  }

  /** Opens a link at a free port of `host` that leads to the origin `target`. */
  static async open(host: string, target: string, certificate: Certificate): Promise<AuthorityLink> {
    const link = new AuthorityLink(target, certificate);
    await new Promise<void>((resolve) => link.#server.listen(0, host, resolve));
    return link;
  }

  get url(): string {
    const { address, port } = this.#server.address() as AddressInfo;
    return `https://${address}:${port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await read(request).catch(() => null);
    if (this.isCut || body === null) return void response.destroy();
    const path = request.url ?? '/';
    if (path === DIRECTORY_PATH && this.directory) return void response.end(this.directory);
    const bodies = path === ROUND_PATH ? this.change(body) : [body];
    const etag = request.headers['if-none-match'];
    let last: HttpsAnswer = { status: 200, body: Buffer.alloc(0) };
    for (const each of bodies) {
      last = await askHttps(new URL(path, this.#target), {
        method: request.method === 'POST' ? 'POST' : 'GET',
        body: each,
        headers: etag === undefined ? {} : { 'If-None-Match': etag },
      });
    }
    if (last.status === 0) response.destroy();
    else response.writeHead(last.status).end(last.body);
  }
}

async function read(request: IncomingMessage): Promise<Uint8Array> {
  const parts: Buffer[] = [];
  for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
  return new Uint8Array(Buffer.concat(parts));
}
