import type { ClientRequest } from 'node:http';
import { Agent, type RequestOptions, request } from 'node:https';
import {
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

/**
 * HTTPS with connections that stay open. Certificates are not verified: nodes sign their own, and what travels inside is
 * encrypted for their keys and authenticated by them (onion-requests §1.2).
 */
export function httpsTransport(): Transport {
  const agent = new Agent({ keepAlive: true, keepAliveMsecs: IDLE_MS, rejectUnauthorized: false, maxFreeSockets: 8 });
  return {
    post: (url, body, limits) => {
      const headers = { 'Content-Length': String(body.length) };
      return exchangeHttp(url, { agent, method: 'POST', headers }, body, limits);
    },
    get: (url, headers, limits) => exchangeHttp(url, { agent, method: 'GET', headers }, null, limits),
    close: () => agent.destroy(),
  };
}

async function exchangeHttp(
  url: string,
  options: RequestOptions,
  body: Uint8Array | null,
  { signal, timeoutMs, onProgress = () => {} }: HttpLimits,
): Promise<HttpAnswer> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  try {
    return await send(url, { ...options, signal: limit }, body, onProgress);
  } catch (error) {
    throw new TransportError(failureOf(error, signal, limit));
  }
}

function send(
  url: string,
  options: RequestOptions,
  body: Uint8Array | null,
  onProgress: HttpProgress,
): Promise<HttpAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<HttpAnswer>();
  const sent = request(url, options, (answer) => {
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
  });
  sent.on('error', reject);
  // Not every end is an error or an answer: after a 101, for one, the connection is closed and nothing else is said.
  sent.on('close', () => reject(new TransportError('unreachable')));
  writeBody(sent, body ?? new Uint8Array(), onProgress);
  return promise;
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
  return OFFLINE_CODES.has(String((error as NodeJS.ErrnoException).code)) ? 'offline' : 'unreachable';
}
