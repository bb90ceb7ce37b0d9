import { type ClientRequest, type Agent as HttpAgent, type IncomingMessage, request as plainRequest } from 'node:http';
import { Agent, type RequestOptions, request } from 'node:https';
import type { TLSSocket } from 'node:tls';
import type { ProxyProblem, ProxySetting } from '../engine.ts';
import { matchesPins } from './pins.ts';
import { PlainProxyAgent } from './proxy/plain-proxy-agent.ts';
import { ProxyAgent } from './proxy/proxy-agent.ts';
import { ProxyError, TargetUnreachable } from './proxy/proxy-error.ts';
import {
  type CertificatePins,
  type HttpAnswer,
  type HttpLimits,
  type HttpProgress,
  type Transport,
  TransportError,
  type TransportFailure,
} from './transport.ts';

/** Answers are at most 10 MiB, written in base64 (onion-requests §2.6). */
const MAXIMUM_ANSWER_BYTES = 15 * 1024 * 1024;
const IDLE_MS = 60_000;
/** Of so many bytes at a time is said that they have left. */
const PIECE_BYTES = 65_536;

/** Errors that say that this machine itself has no network. */
const OFFLINE_CODES = new Set(['ENETUNREACH', 'ENETDOWN', 'EADDRNOTAVAIL', 'EAI_AGAIN', 'ENONET']);

/** The transport of a profile; all of its connections go through one proxy, or all go directly. */
export interface HttpsTransport extends Transport {
  /** From now on; what is on its way otherwise fails as `offline`. @returns whether it is another one. */
  setProxy(proxy: ProxySetting | null): boolean;
  proxyProblem(): ProxyProblem | null;
  onProxyProblem(listener: () => void): void;
}

/**
 * HTTPS with connections that stay open. Certificates are not verified: nodes sign their own, and what travels inside is
 * encrypted for their keys and authenticated by them (onion-requests §1.2).
 */
export function httpsTransport(proxy: ProxySetting | null = null): HttpsTransport {
  return new AgentTransport(proxy);
}

class AgentTransport implements HttpsTransport {
  readonly #listeners = new Set<() => void>();
  #proxy: ProxySetting | null;
  #agent: Agent;
  /** Aborted for requests without TLS when the proxy changes. */
  #plain = new AbortController();
  #problem: ProxyProblem | null = null;

  constructor(proxy: ProxySetting | null) {
    this.#proxy = proxy;
    this.#agent = this.#newAgent();
  }

  post(url: string, body: Uint8Array, limits: HttpLimits): Promise<HttpAnswer> {
    const headers = { ...limits.headers, 'Content-Length': String(body.length) };
    return this.#exchange(url, { method: 'POST', headers }, body, limits);
  }

  get(url: string, headers: Readonly<Record<string, string>>, limits: HttpLimits): Promise<HttpAnswer> {
    return this.#exchange(url, { method: 'GET', headers }, null, limits);
  }

  close(): void {
    this.#agent.destroy();
    this.#plain.abort();
  }

  setProxy(proxy: ProxySetting | null): boolean {
    if (JSON.stringify(proxy) === JSON.stringify(this.#proxy)) return false;
    const old = this.#agent;
    this.#proxy = proxy;
    this.#agent = this.#newAgent();
    old.destroy();
    this.#plain.abort();
    this.#plain = new AbortController();
    this.#setProblem(null);
    return true;
  }

  proxyProblem(): ProxyProblem | null {
    return this.#problem;
  }

  onProxyProblem(listener: () => void): void {
    this.#listeners.add(listener);
  }

  #newAgent(): Agent {
    const options = { keepAlive: true, keepAliveMsecs: IDLE_MS, rejectUnauthorized: false, maxFreeSockets: 8 };
    if (!this.#proxy) return new Agent(options);
    const agent: Agent = new ProxyAgent(options, this.#proxy, (error) => {
      if (agent !== this.#agent) return;
      if (error instanceof ProxyError) this.#setProblem(error.problem);
      else if (error === null || error instanceof TargetUnreachable) this.#setProblem(null);
    });
    return agent;
  }

  /** For the few servers of test networks without TLS; nothing of it is kept open. */
  #plainAgent(): HttpAgent | false {
    return this.#proxy ? new PlainProxyAgent(this.#proxy) : false;
  }

  #setProblem(problem: ProxyProblem | null): void {
    if (problem === this.#problem) return;
    this.#problem = problem;
    for (const listener of this.#listeners) listener();
  }

  async #exchange(
    url: string,
    options: RequestOptions,
    body: Uint8Array | null,
    { signal, timeoutMs, onProgress = () => {}, pins }: HttpLimits,
  ): Promise<HttpAnswer> {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    const agent = this.#agent;
    const way = url.startsWith('http:')
      ? { agent: this.#plainAgent(), signal: AbortSignal.any([limit, this.#plain.signal]) }
      : { agent, signal: limit };
    try {
      return await send(url, { ...options, ...way }, body, { onProgress, pins });
    } catch (error) {
      // Nobody at the other side is to blame for a connection that we cut.
      const wasCut = agent !== this.#agent && !limit.aborted;
      throw new TransportError(wasCut ? 'offline' : failureOf(error, signal, limit));
    }
  }
}

function send(
  url: string,
  options: RequestOptions,
  body: Uint8Array | null,
  { onProgress, pins }: { readonly onProgress: HttpProgress; readonly pins: CertificatePins | undefined },
): Promise<HttpAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<HttpAnswer>();
  const take = (answer: IncomingMessage) => {
    if (pins && !isFrom(answer, new URL(url), pins)) return void sent.destroy(new TransportError('unreachable'));
    const chunks: Buffer[] = [];
    const stated = Number(answer.headers['content-length'] ?? Number.NaN);
    let size = 0;
    answer.on('data', (chunk: Buffer) => {
      size += chunk.length;
      chunks.push(chunk);
      onProgress('received', size, Number.isSafeInteger(stated) ? stated : null);
      if (size > MAXIMUM_ANSWER_BYTES) answer.destroy(new TransportError('too-large'));
    });
    answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(chunks) }));
    answer.on('error', reject);
    answer.on('close', () => reject(new TransportError('unreachable')));
  };
  const sent = url.startsWith('http:') ? plainRequest(url, options, take) : request(url, options, take);
  sent.on('error', reject);
  // Not every end is an error or an answer: after a 101, for one, the connection is closed and nothing else is said.
  sent.on('close', () => reject(new TransportError('unreachable')));
  writeBody(sent, body ?? new Uint8Array(), onProgress);
  return promise;
}

/** Whoever answered has shown the certificate, over this very connection. What was asked is no secret. */
function isFrom(answer: IncomingMessage, { hostname }: URL, pins: CertificatePins): boolean {
  const certificate = (answer.socket as Partial<TLSSocket>).getPeerX509Certificate?.();
  return matchesPins(certificate, hostname.replace(/^\[|\]$/g, ''), pins);
}

/** One piece after the other has left, so that what is said of the progress is true. */
function writeBody(sent: ClientRequest, body: Uint8Array, onProgress: HttpProgress, start = 0): void {
  const end = start + PIECE_BYTES;
  if (end >= body.length) {
    sent.end(body.subarray(start), () => onProgress('sent', body.length, body.length));
    return;
  }
  sent.write(body.subarray(start, end), (error) => {
    if (error) return;
    onProgress('sent', end, body.length);
    writeBody(sent, body, onProgress, end);
  });
}

function failureOf(error: unknown, signal: AbortSignal, limit: AbortSignal): TransportFailure {
  if (error instanceof TransportError) return error.failure;
  if (signal.aborted) return 'aborted';
  if (limit.aborted) return 'timeout';
  if (error instanceof ProxyError) return 'offline';
  return OFFLINE_CODES.has(String((error as NodeJS.ErrnoException).code)) ? 'offline' : 'unreachable';
}
