import { httpsTransport } from '../network/https-transport.ts';
import type { NetworkMemory } from '../network/memory.ts';
import { Network } from '../network/network.ts';
import { DEFAULT_TIMINGS } from '../network/timings.ts';
import type { ProfileOptions } from '../profile/options.ts';
import { silentLogger, systemClock, systemRandom } from '../surroundings.ts';
import { FileServers } from './file-servers.ts';
import { FileTransfers } from './file-transfers.ts';

/** File transfers without an account, and without a trace on this machine. */
export interface OpenTransfers {
  readonly transfers: FileTransfers;
  /** Resolves once a private route stands. @throws the signal's reason if that aborts first */
  connected(signal: AbortSignal): Promise<void>;
  /** Resolves when nothing runs any more. */
  close(): Promise<void>;
}

/**
 * Connects to a network for file transfers only; what it learns of the network is forgotten at the end.
 * @throws EngineError `bad-network`
 */
export async function openFileTransfers(
  options: Pick<ProfileOptions, 'network' | 'log' | 'clock' | 'random' | 'transport' | 'timings'>,
): Promise<OpenTransfers> {
  const { network: file, clock = systemClock, random = systemRandom, log = silentLogger } = options;
  const { transport = httpsTransport() } = options;
  const timings = { ...DEFAULT_TIMINGS, ...options.timings };
  const surroundings = { clock, random, log };
  const network = await Network.open({ ...surroundings, network: file, memory: shortMemory(), transport, timings });
  const stopping = new AbortController();
  const running = network.run(stopping.signal);
  const servers = new FileServers(file, clock, random);
  return {
    transfers: new FileTransfers({ ...surroundings, access: network.servers, servers }),
    connected: (signal) => connection(network, AbortSignal.any([signal, stopping.signal])),
    async close() {
      stopping.abort();
      await running;
    },
  };
}

async function connection(network: Network, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const check = () => {
    if (network.isConnected()) resolve();
  };
  const stopListening = network.onConnection(check);
  const give = () => reject(signal.reason);
  signal.addEventListener('abort', give, { once: true });
  check();
  await promise.finally(() => {
    stopListening();
    signal.removeEventListener('abort', give);
  });
}

function shortMemory(): NetworkMemory {
  const values = new Map<string, Uint8Array>();
  return { read: (name) => values.get(name) ?? null, write: (name, value) => void values.set(name, value) };
}
