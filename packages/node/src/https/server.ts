import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { Socket } from 'node:net';
import type { Certificate } from '@sotto/directory';
import type { Log } from '../log.ts';
import { ByteBudget } from '../net/byte-budget.ts';
import { limitConnections, MAX_CONNECTIONS } from '../net/connection-limit.ts';
import { listen } from '../net/listen.ts';
import type { RateLimiter } from '../net/rate-limiter.ts';
import { MAX_BODY_BYTES, readBody } from './body.ts';
import { type HttpReply, textReply } from './reply.ts';

/** One thing that the server answers, by method and path. */
export interface Route {
  /** Refused with 503 while the node is not ready. */
  readonly needsReady?: boolean;
  /** Refuses the long-poll header of old clients. */
  readonly isClientRpc?: boolean;
  /** Counts requests by the client's address; absent: no limit. */
  readonly rateLimiter?: RateLimiter | undefined;
  /** Most of the time others are waited for, so what is under way counts by itself. */
  readonly isMostlyWaiting?: boolean;
  answer(body: Buffer, request: IncomingMessage): HttpReply | Promise<HttpReply>;
}

export interface HttpsServerOptions {
  readonly host: string;
  readonly port: number;
  readonly tls: Certificate;
  /** Shown in the `Server` header, e.g. `2.11.3`. */
  readonly version: string;
  /** Keys are `<METHOD> <path>`. */
  readonly routes: Readonly<Record<string, Route>>;
  /** Reasons why the node is not ready; empty when it is. */
  notReady(): readonly string[];
  /** Milliseconds of a clock that never goes back, for the rate limiter. */
  readonly monotonicNow: () => number;
  readonly log: Log;
}

export interface HttpsServer {
  readonly port: number;
  /** Stops accepting, lets running answers end (at most 5 s), then closes every connection. */
  close(): Promise<void>;
}

/** Requests that are being read or answered at the same time; more get 503 (storage-rpc §2.1). */
const MAX_REQUESTS = 1000;
/** The same for requests that wait for others most of the time: one on every connection there may be. */
const MAX_WAITING = MAX_CONNECTIONS;
/** What bodies of requests take together, and what answers do that were not read yet; in bytes. */
const MAX_BYTES_TOGETHER = 256 * 1024 * 1024;
const MAX_BYTES_OF_CLIENT = 64 * 1024 * 1024;
const HEADERS_TIMEOUT_MS = 10_000;
/** For 10 MiB over a slow line. */
const REQUEST_TIMEOUT_MS = 60_000;
const KEEP_ALIVE_MS = 65_000;
/** A client that takes nothing of its answer for so long is cut off; no answer takes so long to make. */
const STALL_TIMEOUT_MS = 60_000;
const CLOSE_GRACE_MS = 5_000;
/** Bytes of a body that is copied to be sent together with its head. */
const LARGEST_IN_ONE_PIECE = 16 * 1024;

/**
 * Listens for HTTPS with the checks of storage-rpc §2.1 in their order.
 * @throws NodeError `port` if the address cannot be used.
 */
export async function startHttpsServer(options: HttpsServerOptions): Promise<HttpsServer> {
  const door = new HttpsDoor(options);
  const server = createServer(
    {
      key: options.tls.key,
      cert: options.tls.cert,
      minVersion: 'TLSv1.2',
      handshakeTimeout: HEADERS_TIMEOUT_MS,
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      connectionsCheckingInterval: 5_000,
      maxHeaderSize: 8192,
      // As the reference: nobody here needs it.
      requireHostHeader: false,
      noDelay: true,
    },
    (request, response) => {
      void door.handle(request, response);
    },
  );
  server.timeout = STALL_TIMEOUT_MS;
  limitConnections(server);
  server.on('tlsClientError', (_error, socket) => socket.destroy());
  server.on('clientError', (error, socket) => refuseMalformed(error, socket as Socket, options.version));
  const port = await listen(server, options.host, options.port);
  return { port, close: () => closeServer(server, door) };
}

const BUSY = textReply(503, 'Server busy, try again later');

class HttpsDoor {
  readonly #options: HttpsServerOptions;
  readonly #bodies = new ByteBudget(MAX_BYTES_TOGETHER, MAX_BYTES_OF_CLIENT);
  readonly #answers = new ByteBudget(MAX_BYTES_TOGETHER, MAX_BYTES_OF_CLIENT);
  #requests = 0;
  #waiting = 0;
  closing = false;

  constructor(options: HttpsServerOptions) {
    this.#options = options;
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // Without a listener a connection that breaks would bring the process down.
    request.on('error', () => {});
    response.on('error', () => {});
    this.#requests++;
    // Gone once the connection is.
    const address = request.socket.remoteAddress ?? '';
    try {
      this.#send(response, address, await this.#answer(request, address));
    } catch {
      this.#options.log.error({ code: 'https' }, 'A request failed unexpectedly.');
      this.#send(response, address, textReply(500, 'request failed'));
    } finally {
      this.#requests--;
    }
  }

  async #answer(request: IncomingMessage, address: string): Promise<HttpReply> {
    const path = (request.url ?? '').split('?')[0]!;
    const route = this.#options.routes[`${request.method} ${path}`];
    if (!route) return { ...textReply(404, `${request.method} ${request.url} Not Found`), close: true };
    const refused = this.#refuse(route, request);
    if (refused) return refused;
    const body = await readBody(request, address, this.#bodies);
    if (body === 'too-large') return { ...textReply(413, 'Request body too large'), close: true };
    if (typeof body === 'string') return { ...BUSY, close: true };
    try {
      return await (route.isMostlyWaiting ? this.#wait(route, body, request) : route.answer(body, request));
    } finally {
      this.#bodies.give(address, body.length);
    }
  }

  async #wait(route: Route, body: Buffer, request: IncomingMessage): Promise<HttpReply> {
    if (this.#waiting >= MAX_WAITING) return BUSY;
    this.#waiting++;
    this.#requests--;
    try {
      return await route.answer(body, request);
    } finally {
      this.#waiting--;
      this.#requests++;
    }
  }

  /** The checks that come before the body is read. */
  #refuse(route: Route, request: IncomingMessage): HttpReply | null {
    if (route.needsReady) {
      const reasons = this.closing ? ['shutting down'] : this.#options.notReady();
      if (reasons.length > 0) return textReply(503, `Service node is not ready: ${reasons.join('; ')}\n`);
    }
    if (route.rateLimiter?.allows(request.socket.remoteAddress ?? '', this.#options.monotonicNow()) === false) {
      return textReply(429, 'Too Many Requests\n');
    }
    if (route.isClientRpc && request.headers['x-loki-long-poll']) {
      return textReply(410, 'long polling is no longer supported, client upgrade required');
    }
    if (Number(request.headers['content-length'] ?? 0) > MAX_BODY_BYTES) {
      return { ...textReply(413, 'Request body too large'), close: true };
    }
    if (this.#requests > MAX_REQUESTS) return BUSY;
    return null;
  }

  #send(response: ServerResponse, address: string, reply: HttpReply): void {
    if (response.headersSent || response.destroyed) return;
    const { body } = reply;
    const size = typeof body === 'string' ? Buffer.byteLength(body) : body.length;
    if (!this.#answers.take(address, size)) {
      this.#write(response, { ...BUSY, close: true }, BUSY.body.length);
      return;
    }
    response.once('close', () => this.#answers.give(address, size));
    this.#write(response, reply, size);
  }

  /** `size` is that of the body in bytes. */
  #write(response: ServerResponse, reply: HttpReply, size: number): void {
    // What was not read of the request would otherwise be taken for the next one.
    const close = reply.close || this.closing || !response.req.complete;
    response.writeHead(reply.status, {
      Server: `Oxen Storage Server/${this.#options.version}`,
      ...(reply.status !== 304 && { 'Content-Type': reply.type, 'Content-Length': size }),
      ...reply.headers,
      ...(close && { Connection: 'close' }),
    });
    if (reply.status === 304) response.end();
    else if (typeof reply.body === 'string') response.end(reply.body);
    else endWithBytes(response, reply.body);
  }
}

/** A text goes out in one piece with the head, which bytes do not; for a small body that is worth making it one. */
function endWithBytes(response: ServerResponse, body: Uint8Array): void {
  if (body.length > LARGEST_IN_ONE_PIECE) response.end(body);
  else response.end(Buffer.from(body.buffer, body.byteOffset, body.length).toString('latin1'), 'latin1');
}

/** What Node's HTTP parser refuses never reaches a route. */
function refuseMalformed(error: NodeJS.ErrnoException, socket: Socket, version: string): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const text = error.code === 'HPE_INVALID_CONTENT_LENGTH' ? 'invalid Content-Length' : 'Bad Request\n';
  const headers = [
    `Server: Oxen Storage Server/${version}`,
    'Content-Type: text/plain',
    `Content-Length: ${text.length}`,
    'Connection: close',
  ];
  socket.end(`HTTP/1.1 400 Bad Request\r\n${headers.join('\r\n')}\r\n\r\n${text}`);
}

async function closeServer(server: Server, door: HttpsDoor): Promise<void> {
  if (door.closing) return;
  door.closing = true;
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  server.closeIdleConnections();
  const force = setTimeout(() => server.closeAllConnections(), CLOSE_GRACE_MS);
  await closed;
  clearTimeout(force);
}
