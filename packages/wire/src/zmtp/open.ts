import type { Random } from '../bytes/index.ts';
import type { KeyPair } from '../crypto/index.ts';
import { ZmtpConnection } from './connection.ts';
import { CurveDialler } from './curve-dialler.ts';
import { CurveListener } from './curve-listener.ts';
import { DEFAULT_LIMITS, type ZmtpLimits } from './limits.ts';
import type { Admit } from './mechanism.ts';
import { encodeMetadata } from './metadata.ts';
import { NullMechanism } from './null-mechanism.ts';

interface CommonOptions {
  readonly limits?: ZmtpLimits;
}

interface DiallerOptions extends CommonOptions {
  /** The routing id to ask for, up to 255 bytes; without it the listener chooses one. */
  readonly identity?: Uint8Array;
}

interface ListenerOptions extends CommonOptions {
  /** Who may come in; everybody if absent. Called once, when the peer's key is proven. */
  readonly admit?: Admit;
}

interface CurveOptions {
  /** Our long-term X25519 keys; they must stay unchanged until the handshake is over. */
  readonly keys: KeyPair;
  readonly random: Random;
}

const NO_IDENTITY = new Uint8Array(0);
const admitAll: Admit = () => true;

/**
 * A DEALER's end of an encrypted connection to the listener with the given X25519 key (node-network §3.4).
 * @throws WireError `key` if that key has not 32 bytes or is of low order, `zmtp` if the identity is too long.
 */
export function dialCurve(
  options: DiallerOptions & CurveOptions & { readonly listenerKey: Uint8Array },
): ZmtpConnection {
  const { keys, listenerKey, random, identity = NO_IDENTITY, limits = DEFAULT_LIMITS } = options;
  const metadata = encodeMetadata('DEALER', identity);
  return new ZmtpConnection(new CurveDialler(keys, listenerKey, metadata, random), limits);
}

/** A ROUTER's end of one encrypted connection (node-network §3.4). */
export function listenCurve(options: ListenerOptions & CurveOptions): ZmtpConnection {
  const { keys, random, admit = admitAll, limits = DEFAULT_LIMITS } = options;
  return new ZmtpConnection(new CurveListener(keys, encodeMetadata('ROUTER', NO_IDENTITY), random, admit), limits);
}

/** A DEALER's end of a plain connection, for sockets that are private already (node-network §3.3). */
export function dialNull(options: DiallerOptions = {}): ZmtpConnection {
  const { identity = NO_IDENTITY, limits = DEFAULT_LIMITS } = options;
  return new ZmtpConnection(new NullMechanism(encodeMetadata('DEALER', identity), admitAll), limits);
}

/** A ROUTER's end of one plain connection (node-network §3.3). */
export function listenNull(options: ListenerOptions = {}): ZmtpConnection {
  const { admit = admitAll, limits = DEFAULT_LIMITS } = options;
  return new ZmtpConnection(new NullMechanism(encodeMetadata('ROUTER', NO_IDENTITY), admit), limits);
}
