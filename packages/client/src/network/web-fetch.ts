import { lookup } from 'node:dns';
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import type { LookupFunction } from 'node:net';
import { Readable } from 'node:stream';
import { isPrivateAddress } from '@sotto/wire/onion';
import type { PreviewFetch } from '../conversation/link-preview.ts';
import type { ProxySetting } from '../engine.ts';
import { ProxyAgent } from './proxy/proxy-agent.ts';

/**
 * Fetches public pages for link previews, through the proxy if there is one: never past it. Certificates are verified,
 * redirects are the caller's business, and no connection is kept. What lies in this machine's own network is not fetched.
 */
export function webFetch(proxy: ProxySetting | null): PreviewFetch {
  return async (url, { signal }) => {
    const agent = proxy ? new ProxyAgent({}, proxy, () => {}) : new Agent({ lookup: lookUpPublic });
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const headers = { 'User-Agent': 'Mozilla/5.0', Accept: 'text/html,image/*', 'Accept-Encoding': 'identity' };
    const sent = request(url, { agent, headers, signal }, resolve);
    sent.on('error', reject);
    sent.on('close', () => reject(new Error('no answer')));
    sent.end();
    try {
      return responseOf(await promise, agent);
    } catch (error) {
      agent.destroy();
      throw error;
    }
  };
}

/** A public name may stand for an address of our own network. */
const lookUpPublic: LookupFunction = (host, options, callback) => {
  lookup(host, { ...options, all: true }, (error, addresses) => {
    const isPublic = !error && addresses.every(({ address }) => !isPrivateAddress(address));
    if (isPublic) callback(null, addresses);
    else callback(error ?? new Error('the name is not one of a public site'), []);
  });
};

function responseOf(answer: IncomingMessage, agent: Agent): Response {
  answer.once('close', () => agent.destroy());
  const headers = new Headers();
  for (const name of ['content-type', 'location'] as const) {
    const value = answer.headers[name];
    if (value !== undefined) headers.set(name, value);
  }
  const status = answer.statusCode ?? 0;
  const hasBody = ![204, 205, 304].includes(status) && status >= 200;
  if (!hasBody) answer.destroy();
  const body = hasBody ? (Readable.toWeb(answer) as ReadableStream<Uint8Array<ArrayBuffer>>) : null;
  return new Response(body, { status: status >= 200 && status <= 599 ? status : 502, headers });
}
