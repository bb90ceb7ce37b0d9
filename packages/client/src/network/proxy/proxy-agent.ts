import { randomBytes } from 'node:crypto';
import { Agent, type AgentOptions } from 'node:https';
import { isIP, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import type { ProxySetting } from '../../engine.ts';
import { connectThrough } from './connect.ts';

/** What a proxied connection ended as, once it is known. */
export type ProxyListener = (error: unknown) => void;

/** Makes all HTTPS connections through a proxy, and none past it. */
export class ProxyAgent extends Agent {
  readonly #proxy: ProxySetting;
  readonly #onAttempt: ProxyListener;
  readonly #stop = new AbortController();
  /** Nobody but the proxy sees these; they say nothing of the target. */
  readonly #isolation = new Map<string, string>();

  /** @param onAttempt hears of every connection that came about (`null`) or did not. */
  constructor(options: AgentOptions, proxy: ProxySetting, onAttempt: ProxyListener) {
    super(options);
    this.#proxy = proxy;
    this.#onAttempt = onAttempt;
  }

  override createConnection(
    options: ConnectionOptions,
    callback?: (error: Error | null, stream: Duplex) => void,
  ): null {
    void this.#connect(options).then(
      (socket) => callback?.(null, socket),
      (error: Error) => callback?.(error, undefined as never),
    );
    return null;
  }

  override destroy(): void {
    this.#stop.abort(new Error('the proxy is not used any more'));
    super.destroy();
  }

  async #connect(options: ConnectionOptions): Promise<Duplex> {
    const host = options.host ?? 'localhost';
    const target = { host: host.replace(/^\[|\]$/g, ''), port: Number(options.port ?? 443) };
    const socket = await this.#tunnel(target);
    const servername = isIP(target.host) === 0 ? target.host : '';
    return connectTls({ ...options, path: undefined, socket, servername } as ConnectionOptions);
  }

  async #tunnel(target: { readonly host: string; readonly port: number }): Promise<Socket> {
    try {
      const socket = await connectThrough(this.#proxy, target, this.#isolationOf(target.host), this.#stop.signal);
      this.#onAttempt(null);
      return socket;
    } catch (error) {
      this.#onAttempt(error);
      throw error;
    }
  }

  /** The guard of a path is what tells paths apart for the proxy. */
  #isolationOf(host: string): string {
    const known = this.#isolation.get(host);
    if (known !== undefined) return known;
    const fresh = randomBytes(16).toString('hex');
    this.#isolation.set(host, fresh);
    return fresh;
  }
}
