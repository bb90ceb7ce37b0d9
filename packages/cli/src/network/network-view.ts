import { request } from 'node:https';
import { type AuthorityStatus, STATUS_PATH, statusSchema } from '@sotto/authority';
import {
  DirectoryStore,
  httpsFetcher,
  type NetworkFile,
  refreshDirectory,
  type VerifiedDirectory,
} from '@sotto/directory';

const LIMIT = 8000;
const MAXIMUM_STATUS_BYTES = 8 * 1024 * 1024;

/** What the network shows to somebody who asks all its authorities and seeds. */
export interface NetworkView {
  /** Holds the newest directory that anybody gave, and contradictions between them. */
  readonly store: DirectoryStore;
  /** What each address gave. */
  readonly sources: readonly { readonly url: string; readonly directory: VerifiedDirectory | null }[];
  /** What each authority says of itself, by its key; `null`: it does not answer. Nothing of it is signed. */
  readonly authorities: ReadonlyMap<string, AuthorityStatus | null>;
}

/** Asks everybody whom the network file, and what follows from it, names. */
export async function viewNetwork(networkFile: NetworkFile): Promise<NetworkView> {
  const store = await DirectoryStore.open({ networkFile });
  const firstUrls = networkFile.authorities.flatMap(({ urls }) => urls);
  const sources = await askAll([...new Set([...firstUrls, ...networkFile.seeds])], store);
  // The newest directory may tell of authorities that the file does not know.
  const { authorities } = store.deciding();
  const known = new Set(sources.map(({ url }) => url));
  const more = await askAll(
    authorities.flatMap(({ urls }) => urls).filter((url) => !known.has(url)),
    store,
  );
  const statuses = await Promise.all(
    authorities.map(async ({ key, urls }): Promise<[string, AuthorityStatus | null]> => {
      for (const url of urls) {
        const status = await askStatus(url);
        if (status) return [key, status];
      }
      return [key, null];
    }),
  );
  return { store, sources: [...sources, ...more], authorities: new Map(statuses) };
}

async function askAll(urls: readonly string[], newest: DirectoryStore): Promise<NetworkView['sources']> {
  return await Promise.all(
    urls.map(async (url) => {
      try {
        const own = await DirectoryStore.open({ networkFile: newest.networkFile });
        await refreshDirectory(own, [httpsFetcher(url, LIMIT)], AbortSignal.timeout(LIMIT));
        const directory = own.accepted();
        // Older than what another gave, or a contradiction, which the store remembers.
        if (directory) await newest.offer(directory.bytes).catch(() => {});
        return { url, directory };
      } catch {
        return { url, directory: null };
      }
    }),
  );
}

function askStatus(origin: string): Promise<AuthorityStatus | null> {
  const { promise, resolve } = Promise.withResolvers<AuthorityStatus | null>();
  const options = { agent: false, rejectUnauthorized: false, signal: AbortSignal.timeout(LIMIT) } as const;
  const sent = request(new URL(STATUS_PATH, origin), options, (answer) => {
    const parts: Buffer[] = [];
    let size = 0;
    answer.on('data', (part: Buffer) => {
      size += part.length;
      parts.push(part);
      if (size > MAXIMUM_STATUS_BYTES) answer.destroy();
    });
    answer.on('error', () => {});
    answer.on('close', () => resolve(readStatus(Buffer.concat(parts).toString('utf8'))));
  });
  sent.on('error', () => resolve(null));
  sent.on('close', () => resolve(null));
  sent.end();
  return promise;
}

function readStatus(text: string): AuthorityStatus | null {
  try {
    return statusSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
