import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { setTimeout as delay } from 'node:timers/promises';
import { DirectoryError } from './errors.ts';
import { DIRECTORY_PATH, directoryEtag } from './http-directory.ts';
import { MAXIMUM_DIRECTORY_BYTES } from './signed-directory.ts';
import type { DirectoryStore } from './store.ts';

const ANSWER_TIMEOUT = 10_000;

/**
 * One way to ask one party for the directory: HTTPS for nodes and first starts, onions for clients.
 * `etag` names the directory that is known already. Gives its signed bytes, or `null` if it is still the one known.
 * May throw anything; must end soon after `signal` aborts, and must bound what it reads by {@link MAXIMUM_DIRECTORY_BYTES}.
 */
export type DirectoryFetcher = (etag: string | null, signal: AbortSignal) => Promise<Uint8Array | null>;

/**
 * Asks the given parties in turn until one has an acceptable directory, and offers that to the store.
 * Gives `true` if the store has another list now, `false` if the known one still holds.
 * @throws DirectoryError `fetch` if nobody had one (its cause is an AggregateError of what went wrong with each),
 * `storage` if it could not be saved; the signal's reason if that aborts.
 */
export function refreshDirectory(
  store: DirectoryStore,
  fetchers: readonly DirectoryFetcher[],
  signal: AbortSignal,
): Promise<boolean> {
  return askInTurn(store, fetchers, signal, false);
}

/**
 * Asks all the given parties, one after the other, and offers the store whatever each of them has: so one that withholds
 * the newest directory is found out by the next one, and the store comes to know of two that contradict each other.
 * Each is asked for something else than what the ones before it gave, so agreement costs next to nothing.
 * Gives and throws what {@link refreshDirectory} does; it fails only if nobody had an acceptable directory.
 */
export function crossCheckDirectory(
  store: DirectoryStore,
  fetchers: readonly DirectoryFetcher[],
  signal: AbortSignal,
): Promise<boolean> {
  return askInTurn(store, fetchers, signal, true);
}

/**
 * Lets mirrors check each other as {@link crossCheckDirectory} does. Others are asked in turn only if none of the mirrors
 * has an acceptable directory, or there are none. Gives and throws what {@link refreshDirectory} does.
 */
export async function refreshFromMirrors(
  store: DirectoryStore,
  mirrors: readonly DirectoryFetcher[],
  others: () => readonly DirectoryFetcher[],
  signal: AbortSignal,
): Promise<boolean> {
  try {
    if (mirrors.length > 0) return await crossCheckDirectory(store, mirrors, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof DirectoryError && error.code === 'storage') throw error;
  }
  return await refreshDirectory(store, others(), signal);
}

async function askInTurn(
  store: DirectoryStore,
  fetchers: readonly DirectoryFetcher[],
  signal: AbortSignal,
  askAll: boolean,
): Promise<boolean> {
  const failures: unknown[] = [];
  let isAnother = false;
  for (const fetcher of fetchers) {
    signal.throwIfAborted();
    try {
      const known = store.accepted();
      const bytes = await fetcher(known && directoryEtag(known.bytes), signal);
      if (bytes !== null && (await store.offer(bytes))) isAnother = true;
      if (!askAll) return isAnother;
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof DirectoryError && error.code === 'storage') throw error;
      failures.push(error);
    }
  }
  if (failures.length < fetchers.length) return isAnother;
  const last = failures.at(-1);
  const reason = last instanceof Error ? `; the last answer: ${last.message}` : '';
  throw new DirectoryError('fetch', `none of ${fetchers.length} sources gave an acceptable directory${reason}`, {
    cause: new AggregateError(failures),
  });
}

/** What {@link followDirectory} needs. */
export interface FollowOptions {
  /** Asks for a newer directory; must end soon after the signal aborts. */
  readonly refresh: (signal: AbortSignal) => Promise<unknown>;
  /** Time until the next refresh after one that went well, ms; asked every time, so that it may vary. */
  readonly interval: () => number;
  /** Time after a failed one, ms; doubles with each further one up to `interval`. */
  readonly retryInterval: number;
  readonly signal: AbortSignal;
  /** Told about every failed refresh. */
  readonly onFailure: (error: unknown) => void;
}

/** Refreshes again and again, beginning now, until the signal aborts; resolves once nothing runs any more and never rejects. */
export async function followDirectory(options: FollowOptions): Promise<void> {
  const { signal, retryInterval, interval } = options;
  let failures = 0;
  while (!signal.aborted) {
    let pause = interval();
    try {
      await options.refresh(signal);
      failures = 0;
    } catch (error) {
      if (signal.aborted) return;
      options.onFailure(error);
      pause = Math.min(retryInterval * 2 ** failures++, Math.max(pause, retryInterval));
    }
    await delay(pause, undefined, { signal }).catch(() => {});
  }
}

/**
 * Fetches `GET /directory/v1` from an authority, seed or node over HTTPS (docs/protocol/directory.md §6).
 * Its certificate is not verified: the directory is signed, and nobody signs certificates for nodes.
 * @param origin `https://host:port`.
 * @param timeout for the whole exchange, ms.
 */
export function httpsFetcher(origin: string, timeout = ANSWER_TIMEOUT): DirectoryFetcher {
  const url = new URL(DIRECTORY_PATH, origin);
  return async (etag, signal) => {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(timeout)]);
    const answer = await get(url, etag, limit);
    try {
      if (answer.statusCode === 304 && etag !== null) return null;
      if (answer.statusCode !== 200) throw new DirectoryError('fetch', `${url.host} answered ${answer.statusCode}`);
      return await readBody(answer, url.host);
    } finally {
      answer.destroy();
    }
  };
}

function get(url: URL, etag: string | null, signal: AbortSignal): Promise<IncomingMessage> {
  const headers = etag === null ? {} : { 'If-None-Match': etag };
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const sent = request(url, { agent: false, rejectUnauthorized: false, headers, signal }, resolve);
  sent.on('error', (cause) =>
    reject(new DirectoryError('fetch', `cannot reach ${url.host}: ${cause.message}`, { cause })),
  );
  // Not every end is an error or an answer: after a 101, for one, the connection is closed and nothing else is said.
  sent.on('close', () => reject(new DirectoryError('fetch', `${url.host} gave no answer`)));
  sent.end();
  return promise;
}

async function readBody(answer: IncomingMessage, host: string): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAXIMUM_DIRECTORY_BYTES) throw new DirectoryError('fetch', `${host} sent too much`);
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}
