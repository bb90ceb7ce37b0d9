import { askSeeds, type Transport } from '@sotto/client';
import { type ChainNetworkFile, chainNodeList, DirectoryError, type NodeList } from '@sotto/directory';

const LIMIT = 8000;

/** The list of a chain's nodes as its seed servers tell it; `null` if none of them gives one. */
export async function viewChain({ chain }: ChainNetworkFile, transport: Transport): Promise<NodeList | null> {
  const parts = { transport, timings: { fetch: LIMIT } };
  try {
    const list = await askSeeds(chain.seeds, () => true, parts, AbortSignal.timeout(LIMIT));
    return chainNodeList(list, Date.now(), chain.oneSite);
  } catch (error) {
    if (error instanceof DirectoryError || (error as Error).name === 'TimeoutError') return null;
    throw error;
  }
}
