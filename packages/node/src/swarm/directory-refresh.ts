import { type DirectoryFetcher, type DirectoryStore, httpsFetcher } from '@sotto/directory';
import { equalBytes, type Random } from '@sotto/wire/bytes';
import { isContactable } from '@sotto/wire/nodes';

const NODES_ASKED = 3;

/**
 * Whom a node asks for the directory: the authorities and seeds of the network file in random order, then a few other
 * nodes, so that it stays up to date while the authorities are away.
 */
export function directoryFetchers(store: DirectoryStore, ownKey: Uint8Array, random: Random): DirectoryFetcher[] {
  const { seeds } = store.networkFile;
  const { authorities } = store.deciding();
  const publishers = [...authorities.flatMap(({ urls }) => urls), ...seeds];
  const others = (store.accepted()?.nodes ?? [])
    .filter((node) => isContactable(node) && !equalBytes(node.ed25519Key, ownKey))
    .map(({ ip, httpsPort }) => `https://${ip}:${httpsPort}`);
  const asked = [...shuffled(publishers, random), ...shuffled(others, random).slice(0, NODES_ASKED)];
  return [...new Set(asked)].map((origin) => httpsFetcher(origin));
}

function shuffled<Item>(items: readonly Item[], random: Random): Item[] {
  return items
    .map((item) => ({ item, key: Buffer.from(random(4)).readUInt32LE() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
}
