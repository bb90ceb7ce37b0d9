import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Certificate } from './certificate.ts';
import { DirectoryError } from './errors.ts';
import { DIRECTORY_PATH, directoryReply } from './http-directory.ts';
import { answerSeedRequest, MAXIMUM_SEED_REQUEST_BYTES } from './seed-answer.ts';
import type { DirectoryStore } from './store.ts';

const REQUEST_TIMEOUT = 10_000;
const MAXIMUM_CONNECTIONS = 1000;

/** Where an authority's server listens and how it is stopped. */
export interface AuthorityServer {
  readonly port: number;
  /** Resolves once no connection is left. */
  close(): Promise<void>;
}

/**
 * Serves a store's directory to nodes and newcomers, and the seed's answer to stock clients, over HTTPS.
 * @param port 0 for any free one. @throws DirectoryError `address` if it cannot listen there.
 */
export async function serveAuthority(
  store: DirectoryStore,
  certificate: Certificate,
  host: string,
  port: number,
): Promise<AuthorityServer> {
  const server = createServer({ ...certificate, requestTimeout: REQUEST_TIMEOUT, headersTimeout: REQUEST_TIMEOUT });
  server.maxConnections = MAXIMUM_CONNECTIONS;
  server.on('request', (request, response) => {
    answer(store, request, response).catch(() => response.destroy());
  });
  await listen(server, host, port);
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      server.closeAllConnections();
      await closed.promise;
    },
  };
}

async function answer(store: DirectoryStore, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const route = `${request.method} ${request.url?.split('?', 1)[0]}`;
  if (route === `GET ${DIRECTORY_PATH}`) {
    const { status, headers, body } = directoryReply(store.accepted()?.bytes ?? null, request.headers['if-none-match']);
    response.writeHead(status, headers).end(body);
  } else if (route === 'POST /json_rpc') {
    const body = await readBody(request);
    const reply = body ? answerSeedRequest(body, store.current(), randomBytes) : null;
    if (reply) response.writeHead(reply.status, { 'Content-Type': 'application/json' }).end(reply.body);
    else response.writeHead(413, { Connection: 'close' }).end();
  } else {
    response.writeHead(404, { 'Content-Type': 'text/plain' }).end('Not Found\n');
  }
}

/** The whole body, or `null` if it is larger than any seed request. */
async function readBody(request: IncomingMessage): Promise<Uint8Array | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAXIMUM_SEED_REQUEST_BYTES) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function listen(server: Server, host: string, port: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen(port, host, resolve);
  try {
    await promise;
  } catch (cause) {
    const taken = (cause as NodeJS.ErrnoException).code === 'EADDRINUSE';
    const why = taken ? 'another program uses that port' : (cause as Error).message;
    throw new DirectoryError('address', `cannot listen on ${host}:${port}: ${why}`, { cause });
  }
  server.off('error', reject);
}
