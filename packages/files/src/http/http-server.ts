import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { MAX_ONION_BYTES, type V4Answer } from '@sotto/wire/onion';
import type { Log } from '../log.ts';
import type { DoorName, Metrics } from '../metrics.ts';
import type { OnionDoor } from '../onion-door.ts';
import { failureReply, textReply } from '../replies.ts';
import type { Router } from '../router.ts';
import { clientOf } from './address.ts';
import { type RateLimit, RateLimiter } from './rate-limit.ts';

/** What the HTTP server works with. */
export interface HttpServerParts {
  readonly router: Router;
  readonly onion: OnionDoor;
  readonly metrics: Metrics;
  readonly log: Log;
  readonly requests: RateLimit;
  readonly uploadBytes: RateLimit;
  /** Milliseconds of a clock that never goes back. */
  readonly monotonicNow: () => number;
}

/** The HTTP side of a file server, not listening yet. */
export interface HttpServer {
  readonly server: Server;
  /** Stops accepting, lets running answers end (at most 5 s), then closes every connection. */
  close(): Promise<void>;
}

/** Requests that are worked on at the same time: each may hold a file. */
const MAX_WORKING = 64;
/** What bodies that are being received or worked on take together, and what answers do that were not read yet; bytes. */
const MAX_BYTES_TOGETHER = 256 * 1024 * 1024;
const MAX_CONNECTIONS = 4000;
const HEADERS_TIMEOUT_MS = 10_000;
/** For 10 MiB over a slow line. */
const REQUEST_TIMEOUT_MS = 60_000;
const STALL_TIMEOUT_MS = 60_000;
const CLOSE_GRACE_MS = 5_000;

/** Serves the router to whoever comes directly, and the onion door to exit nodes (messages §9.1). */
export function createHttpServer(parts: HttpServerParts): HttpServer {
  const door = new HttpDoor(parts);
  const server = createServer(
    {
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      connectionsCheckingInterval: 5_000,
      maxHeaderSize: 8192,
      noDelay: true,
    },
    (request, response) => void door.handle(request, response),
  );
  server.timeout = STALL_TIMEOUT_MS;
  server.maxConnections = MAX_CONNECTIONS;
  server.on('clientError', (_error, socket) => refuseMalformed(socket as Socket));
  return { server, close: () => closeServer(server, door) };
}

type BodyProblem = 'too-large' | 'busy' | 'rate' | 'aborted';

const PROBLEM_STATUS = { 'too-large': 413, busy: 503, rate: 429 } as const;

class HttpDoor {
  readonly #parts: HttpServerParts;
  readonly #requests: RateLimiter;
  readonly #uploads: RateLimiter;
  #bytes = 0;
  #answerBytes = 0;
  #working = 0;
  closing = false;

  constructor(parts: HttpServerParts) {
    this.#parts = parts;
    this.#requests = new RateLimiter(parts.requests);
    this.#uploads = new RateLimiter(parts.uploadBytes);
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // Without a listener a connection that breaks would bring the process down.
    request.on('error', () => {});
    response.on('error', () => {});
    try {
      this.#send(response, await this.#answer(request));
    } catch {
      this.#parts.log.error({}, 'A request failed unexpectedly.');
      this.#send(response, failureReply(500));
    }
  }

  async #answer(request: IncomingMessage): Promise<V4Answer> {
    const client = clientOf(request.socket.remoteAddress ?? '');
    if (!this.#requests.take(client, 1, this.#parts.monotonicNow())) return this.#refuse('rate');
    const body = await this.#readBody(request, client);
    if (body === 'aborted') return failureReply(400);
    if (typeof body === 'string') return this.#refuse(body);
    if (this.#working >= MAX_WORKING) {
      this.#bytes -= body.length;
      return this.#refuse('busy');
    }
    this.#working++;
    try {
      this.#parts.metrics.received(body.length);
      return await this.#answerBody(request, body);
    } finally {
      this.#working--;
      this.#bytes -= body.length;
    }
  }

  async #answerBody(request: IncomingMessage, body: Uint8Array): Promise<V4Answer> {
    const { method = '', url = '/' } = request;
    const { onion, router } = this.#parts;
    if (method !== 'POST' || !onion.knows(url)) {
      const { route, reply } = await router.handle({ method, endpoint: url, headers: headersOf(request), body });
      return this.#count('direct', route, reply);
    }
    const result = await onion.answer(url, body);
    if (!result) {
      this.#parts.metrics.refused('malformed');
      return textReply(400, 'Bad Request');
    }
    this.#count('onion', result.routed?.route ?? 'unknown', result.routed?.reply ?? failureReply(400));
    return { status: 200, headers: { 'content-type': 'application/octet-stream' }, body: result.sealed };
  }

  #count(door: DoorName, route: Parameters<Metrics['answered']>[0], reply: V4Answer): V4Answer {
    this.#parts.metrics.answered(route, door, reply.status);
    return reply;
  }

  #refuse(problem: Exclude<BodyProblem, 'aborted'>): V4Answer {
    this.#parts.metrics.refused(problem);
    return failureReply(PROBLEM_STATUS[problem]);
  }

  /** The whole body; its bytes stay taken from the budget until the caller gives them back. */
  async #readBody(request: IncomingMessage, client: string): Promise<Uint8Array | BodyProblem> {
    if (Number(request.headers['content-length'] ?? 0) > MAX_ONION_BYTES) return 'too-large';
    const parts: Buffer[] = [];
    let size = 0;
    let problem: BodyProblem | null = null;
    try {
      for await (const part of request as AsyncIterable<Buffer>) {
        if (size + part.length > MAX_ONION_BYTES) problem = 'too-large';
        else if (this.#bytes + part.length > MAX_BYTES_TOGETHER) problem = 'busy';
        else if (!this.#uploads.take(client, part.length, this.#parts.monotonicNow())) problem = 'rate';
        if (problem) break;
        size += part.length;
        this.#bytes += part.length;
        parts.push(part);
      }
    } catch {
      problem = 'aborted';
    }
    if (!problem) return parts.length === 1 ? parts[0]! : Buffer.concat(parts, size);
    this.#bytes -= size;
    return problem;
  }

  #send(response: ServerResponse, answer: V4Answer): void {
    if (response.headersSent || response.destroyed) return;
    const isTooMuch = this.#answerBytes + answer.body.length > MAX_BYTES_TOGETHER;
    const { status, headers, body } = isTooMuch ? this.#refuse('busy') : answer;
    this.#answerBytes += body.length;
    response.once('close', () => {
      this.#answerBytes -= body.length;
    });
    // What was not read of the request would otherwise be taken for the next one.
    const close = this.closing || !response.req.complete;
    response.writeHead(status, {
      ...headers,
      'content-length': body.length,
      ...(close && { connection: 'close' }),
    });
    response.end(body);
    this.#parts.metrics.sent(body.length);
  }
}

function headersOf(request: IncomingMessage): Map<string, string> {
  const headers = new Map<string, string>();
  for (const [name, value] of Object.entries(request.headers)) {
    if (typeof value === 'string') headers.set(name, value);
  }
  return headers;
}

/** What Node's HTTP parser refuses never reaches the door. */
function refuseMalformed(socket: Socket): void {
  if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
  else socket.destroy();
}

async function closeServer(server: Server, door: HttpDoor): Promise<void> {
  door.closing = true;
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  server.closeIdleConnections();
  const force = setTimeout(() => server.closeAllConnections(), CLOSE_GRACE_MS);
  await closed;
  clearTimeout(force);
}
