import { type ChainList, type ChainSeed, DirectoryError, parseChainList, serviceNodesParams } from '@sotto/directory';
import { utf8ToBytes } from '@sotto/wire/bytes';
import { type Transport, TransportError } from '../transport.ts';

/** The headers of any client; which fields we ask for still tells us apart (onion-requests §3.2). */
const HEADERS = { 'Content-Type': 'application/json', 'User-Agent': 'WhatsApp', 'Accept-Language': 'en-us' };
const REQUEST = utf8ToBytes(
  JSON.stringify({ jsonrpc: '2.0', method: 'get_n_service_nodes', params: serviceNodesParams(null, true) }),
);

/** What asking seeds needs. */
export interface SeedParts {
  readonly transport: Transport;
  readonly timings: { readonly fetch: number };
}

/**
 * Asks all seed servers at once (onion-requests §3.2): each has to show the certificate that the network file names. Gives
 * the first list that `isPlausible`; if there is none, the one with the most nodes, provided that two seeds gave a list or
 * there is one seed only. @throws DirectoryError `fetch`
 */
export async function askSeeds(
  seeds: readonly ChainSeed[],
  isPlausible: (list: ChainList) => boolean,
  parts: SeedParts,
  signal: AbortSignal,
): Promise<ChainList> {
  const enough = new AbortController();
  const lists: ChainList[] = [];
  let best: ChainList | null = null;
  await Promise.all(
    seeds.map(async (seed) => {
      const list = await askSeed(seed, parts, AbortSignal.any([signal, enough.signal]));
      if (list === null || best !== null) return;
      lists.push(list);
      if (!isPlausible(list)) return;
      best = list;
      enough.abort();
    }),
  );
  signal.throwIfAborted();
  if (best !== null) return best;
  const [largest] = lists.sort((a, b) => b.nodes.length - a.nodes.length);
  if (largest && lists.length >= Math.min(2, seeds.length)) return largest;
  throw new DirectoryError('fetch', 'no seed server gave a list that can be believed');
}

/** `null` for everything that is no list. */
async function askSeed(
  { url, spki, certificate }: ChainSeed,
  { transport, timings }: SeedParts,
  signal: AbortSignal,
): Promise<ChainList | null> {
  const pins = spki && certificate ? { spki, certificate } : undefined;
  try {
    const limits = { signal, timeoutMs: timings.fetch, headers: HEADERS, pins };
    const { status, body } = await transport.post(`${url}/json_rpc`, REQUEST, limits);
    return status === 200 ? parseChainList(Buffer.from(body).toString('utf8')) : null;
  } catch (error) {
    if (error instanceof DirectoryError || error instanceof TransportError) return null;
    throw error;
  }
}
