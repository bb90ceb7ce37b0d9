import { hexToBytes } from '@sotto/wire/bytes';
import { ed25519PublicToX25519 } from '@sotto/wire/crypto';
import { buildOnion, MAX_ONION_BYTES, type V4Reply, type V4Request } from '@sotto/wire/onion';
import { type Logger, timeUntil } from '../surroundings.ts';
import { carry, type ExchangeParts, type Outcome } from './exchange.ts';
import type { Path } from './path.ts';
import type { Routes } from './routes.ts';
import { type ServerAccess, ServerFailure, type ServerPlace } from './server-access.ts';
import type { Strikes } from './strikes.ts';
import type { Timings } from './timings.ts';
import type { HttpLimits } from './transport.ts';

/** Routes that one request is tried on (onion-requests §4.4). */
const PATH_ATTEMPTS = 3;
/** What layers and metadata add to a body, bytes; generously. */
const OVERHEAD_BYTES = 8192;

/** What requests to servers are sent with. */
export interface ServerRequestParts extends ExchangeParts {
  readonly routes: Routes;
  readonly strikes: Strikes;
  readonly timings: Timings;
  readonly log: Logger;
}

/**
 * Requests to servers, over a path of their own that is renewed as often as the others. If it does not carry one, the
 * request is tried over the paths that are known to work, and the next one gets a new path.
 */
export class ServerRequests implements ServerAccess {
  readonly #parts: ServerRequestParts;
  #own: Path | null = null;

  constructor(parts: ServerRequestParts) {
    this.#parts = parts;
  }

  async askServer(server: ServerPlace, request: V4Request, limits: HttpLimits): Promise<V4Reply> {
    if ((request.body?.length ?? 0) > MAX_ONION_BYTES - OVERHEAD_BYTES) throw new ServerFailure('too-large');
    const destination = destinationOf(server, request);
    const tried: Path[] = [];
    let isServerUnreachable = false;
    while (tried.length < PATH_ATTEMPTS) {
      const path = this.#choose(tried);
      if (!path) break;
      tried.push(path);
      const way = { ...limits, path: path.relays };
      const outcome = await carry(this.#parts, way, { kind: 'server' }, (hopNumber) =>
        buildOnion({
          path: path.relays,
          destination,
          random: this.#parts.random,
          hopNumber,
          // Bodies are files, which are padded by their own format.
          ...(request.body === null && { padTo: 'size-class' as const }),
        }),
      );
      if (outcome.kind === 'reply') return outcome.reply;
      if (outcome.kind === 'stopped') throw new ServerFailure('stopped');
      this.#parts.log.debug({ kind: outcome.kind }, 'a request to a server failed on its way');
      isServerUnreachable ||= this.#learn(path, outcome);
    }
    if (isServerUnreachable) throw new ServerFailure('unreachable');
    throw new ServerFailure(this.#parts.routes.isOffline() ? 'offline' : 'no-route');
  }

  /** First the path of our own, then those that stand. */
  #choose(tried: readonly Path[]): Path | null {
    const { routes } = this.#parts;
    if (tried.length === 0) {
      this.#own = this.#isUsable(this.#own) ? this.#own : routes.drawForServers();
      if (this.#own) return this.#own;
    }
    const untried = routes.current().filter((path) => !path.isCut && !tried.includes(path));
    return untried.find((path) => !path.isSuspect) ?? untried[0] ?? null;
  }

  #isUsable(path: Path | null): boolean {
    if (!path) return false;
    const { routes, timings, clock } = this.#parts;
    const hasGuard = routes.current().some(({ guard }) => guard.key === path.guard.key);
    return hasGuard && timeUntil(path.rotateAt, 2 * timings.rotation, clock) > 0;
  }

  /** Whether the failure is the server's own, as far as the exit can be believed. Any failure ends our own path. */
  #learn(path: Path, outcome: Exclude<Outcome<V4Reply>, { kind: 'reply' }>): boolean {
    if (path === this.#own) this.#own = null;
    if (outcome.kind !== 'verdict') return false;
    const { verdict } = outcome;
    switch (verdict.action) {
      case 'remove-node':
      case 'strike-node': {
        const named = path.relays.find(({ key }) => key === verdict.node);
        if (named) this.#parts.strikes.add(named.key);
        return false;
      }
      case 'server-unreachable':
      case 'server-error':
      case 'resync-clock':
        return true;
      default:
        return false;
    }
  }
}

function destinationOf({ url, key, keyKind }: ServerPlace, request: V4Request) {
  const { protocol, hostname, port } = new URL(url);
  const x25519Key = keyKind === 'x25519' ? hexToBytes(key) : ed25519PublicToX25519(hexToBytes(key));
  if (x25519Key === null) throw new ServerFailure('bad-key');
  const isHttps = protocol === 'https:';
  return {
    kind: 'server' as const,
    x25519Key,
    protocol: isHttps ? ('https' as const) : ('http' as const),
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? (isHttps ? 443 : 80) : Number(port),
    request,
  };
}
