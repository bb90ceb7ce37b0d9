import { randomBytes } from 'node:crypto';
import { Agent, type ClientRequestArgs } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ProxySetting } from '../../engine.ts';
import { connectThrough } from './connect.ts';

const NEVER = new AbortController().signal;

/** Makes connections without TLS through a proxy, and none past it; each over a way of its own. */
export class PlainProxyAgent extends Agent {
  readonly #proxy: ProxySetting;

  constructor(proxy: ProxySetting) {
    super();
    this.#proxy = proxy;
  }

  override createConnection(
    { host, port, signal = NEVER }: ClientRequestArgs,
    callback?: (error: Error | null, stream: Duplex) => void,
  ): null {
    const target = { host: (host ?? 'localhost').replace(/^\[|\]$/g, ''), port: Number(port ?? 80) };
    const isolation = randomBytes(16).toString('hex');
    void connectThrough(this.#proxy, target, isolation, signal).then(
      (socket) => callback?.(null, socket),
      (error: Error) => callback?.(error, undefined as never),
    );
    return null;
  }
}
