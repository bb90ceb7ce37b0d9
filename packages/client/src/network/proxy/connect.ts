import { connect, type Socket } from 'node:net';
import type { ProxySetting } from '../../engine.ts';
import { askHttpProxy } from './http-connect.ts';
import { ProxyError } from './proxy-error.ts';
import { askSocks5, type ProxyLogin, type Target } from './socks5.ts';

/** A proxy may build a way of its own first, as Tor does. */
const LONGEST_WAIT_MS = 60_000;

/**
 * Connects to a target through a proxy, which looks up its name. `isolation` is what a SOCKS5 proxy without a login of its
 * own is told instead: connections that differ in it share no way, if the proxy knows that, as Tor does.
 * @throws ProxyError, TargetUnreachable; the signal's reason
 */
export async function connectThrough(
  proxy: ProxySetting,
  target: Target,
  isolation: string,
  signal: AbortSignal,
): Promise<Socket> {
  const own = loginOf(proxy);
  if (own || proxy.kind === 'http') return await attempt(proxy, target, own, signal);
  try {
    return await attempt(proxy, target, { username: isolation, password: isolation }, signal);
  } catch (error) {
    if (!(error instanceof ProxyError) || error.problem !== 'wrong-login') throw error;
    // One that looks names up in a list of its users.
    return await attempt(proxy, target, null, signal);
  }
}

async function attempt(
  proxy: ProxySetting,
  target: Target,
  login: ProxyLogin | null,
  signal: AbortSignal,
): Promise<Socket> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(LONGEST_WAIT_MS)]);
  const socket = await open(proxy, limit);
  const stop = () => socket.destroy();
  limit.addEventListener('abort', stop, { once: true });
  try {
    if (proxy.kind === 'socks5') await askSocks5(socket, target, login);
    else await askHttpProxy(socket, target, login);
    limit.throwIfAborted();
    return socket;
  } catch (error) {
    socket.destroy();
    signal.throwIfAborted();
    throw error;
  } finally {
    limit.removeEventListener('abort', stop);
  }
}

function open({ host, port }: ProxySetting, signal: AbortSignal): Promise<Socket> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const socket = connect({ host, port, noDelay: true, signal });
  socket.once('connect', () => resolve(socket));
  // Also for later: whoever uses the socket hears of its end by other means.
  socket.on('error', () => reject(signal.aborted ? signal.reason : new ProxyError('unreachable')));
  socket.once('close', () => reject(new ProxyError('unreachable')));
  return promise;
}

function loginOf({ username, password }: ProxySetting): ProxyLogin | null {
  return username === undefined ? null : { username, password: password ?? '' };
}
