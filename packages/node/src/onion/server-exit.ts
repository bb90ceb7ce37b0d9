import { lookup as systemLookup } from 'node:dns/promises';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import { isPrivateAddress, type ServerRelay, serverUrl } from '@sotto/wire/onion';

/** Finds the addresses of a host name. */
type Lookup = (host: string) => Promise<readonly { readonly address: string; readonly family: number }[]>;

/** What a relay to a server needs. */
export interface ServerExitOptions {
  /** For the `User-Agent` header, e.g. `2.11.3`. */
  readonly version: string;
  /** Loopback and private addresses may be reached: for networks of one site, and tests. */
  allowPrivateAddresses(): boolean;
  /** Absent: the system's resolver. */
  readonly lookup?: Lookup;
  /** PEM of further certificate authorities to trust; absent: the system's. */
  readonly certificateAuthority?: string;
  /** Milliseconds for the whole exchange; absent: 25 s (onion-requests §2.3). */
  readonly timeout?: number;
  readonly signal: AbortSignal;
}

/** What came back: the server's status and body as they are, or what this node says in its place. */
export interface ServerAnswer {
  readonly status: number;
  readonly body: Uint8Array | string;
}

const TIMEOUT_MS = 25_000;
/** Requests to servers at the same time; an exit is not to be somebody's amplifier (onion-requests §7.3). */
const MAX_CONCURRENT = 64;
/** The largest sealed file is 10,223,616 bytes (messages §6); an OxenMQ frame takes 10 MiB, of which this leaves some. */
const MAX_ANSWER_BYTES = 10_420_000;

/**
 * Posts layers to servers for clients (onion-requests §2.3), to public addresses only, over verified TLS, without
 * following redirects.
 */
export class ServerExit {
  readonly #options: ServerExitOptions;
  #running = 0;

  constructor(options: ServerExitOptions) {
    this.#options = options;
  }

  /**
   * `null` if the host, port or target is not allowed: the answer is then a sealed 400 `Invalid url`. Never rejects.
   */
  async post(relay: ServerRelay): Promise<ServerAnswer | null> {
    const url = serverUrl(relay);
    if (url === null) return null;
    if (this.#running >= MAX_CONCURRENT) return { status: 503, body: 'Server busy, try again later' };
    this.#running++;
    const limit = AbortSignal.timeout(this.#options.timeout ?? TIMEOUT_MS);
    try {
      return await this.#exchange(new URL(url), relay.payload, AbortSignal.any([limit, this.#options.signal]));
    } catch {
      // The system's own text would tell the client about this machine.
      return limit.aborted ? { status: 504, body: 'Server timed out' } : { status: 502, body: 'Server not reachable' };
    } finally {
      this.#running--;
    }
  }

  async #exchange(url: URL, payload: Uint8Array, signal: AbortSignal): Promise<ServerAnswer | null> {
    const host = url.hostname.replace(/^\[|\]$/g, '');
    const address = await orAborted(this.#allowedAddress(host), signal);
    if (address === null) return null;
    const response = await this.#post(url, address, payload, signal);
    const body = await readAll(response);
    return body ? { status: response.statusCode ?? 502, body } : { status: 502, body: 'Server answer too large' };
  }

  /**
   * One allowed address of the host. The connection is made to exactly this one, so a second look-up cannot change it.
   */
  async #allowedAddress(host: string): Promise<{ address: string; family: number } | null> {
    const family = isIP(host);
    const lookup = this.#options.lookup ?? ((name) => systemLookup(name, { all: true }));
    const addresses = family ? [{ address: host, family }] : await lookup(host);
    const anyAllowed = this.#options.allowPrivateAddresses();
    return addresses.find(({ address }) => anyAllowed || !isPrivateAddress(address)) ?? null;
  }

  #post(
    url: URL,
    pinned: { address: string; family: number },
    payload: Uint8Array,
    signal: AbortSignal,
  ): Promise<IncomingMessage> {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const sent = send(
      url,
      {
        method: 'POST',
        agent: false,
        signal,
        minVersion: 'TLSv1.2',
        ...(this.#options.certificateAuthority && { ca: this.#options.certificateAuthority }),
        lookup: (_host, lookupOptions, found) => {
          if (lookupOptions.all) found(null, [pinned]);
          else found(null, pinned.address, pinned.family);
        },
        headers: {
          'User-Agent': `Oxen Storage Server/${this.#options.version}`,
          'Content-Type': 'application/octet-stream',
          'Content-Length': payload.length,
        },
      },
      resolve,
    );
    sent.on('error', reject);
    sent.end(payload);
    return promise;
  }
}

/** A look-up cannot be cancelled; this stops waiting for it. */
function orAborted<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  if (signal.aborted) abort();
  else signal.addEventListener('abort', abort, { once: true });
  promise.catch(() => {});
  return Promise.race([work, promise]).finally(() => signal.removeEventListener('abort', abort));
}

async function readAll(response: IncomingMessage): Promise<Buffer | null> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of response as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > MAX_ANSWER_BYTES) return null;
    parts.push(part);
  }
  return Buffer.concat(parts);
}
