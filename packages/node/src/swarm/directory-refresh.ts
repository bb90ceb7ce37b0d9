import {
  type DirectoryFetcher,
  type DirectoryStore,
  httpsFetcher,
  refreshDirectory,
  refreshFromMirrors,
} from '@sotto/directory';
import { equalBytes, type Random } from '@sotto/wire/bytes';
import { isContactable, type NodeRecord } from '@sotto/wire/nodes';

const MIRRORS = 3;
/** So many nodes of a network, on average, ask the authorities themselves each time; the others get it from those. */
const ASKING_PUBLISHERS = 20;

/** What asking for a new directory needs. */
export interface DirectoryRefreshOptions {
  readonly store: DirectoryStore;
  readonly ownKey: Uint8Array;
  readonly random: Random;
  /** How to ask at an origin; absent: over HTTPS. */
  readonly fetcher?: (origin: string) => DirectoryFetcher;
}

/**
 * Asks for a newer directory (docs/protocol/directory.md §6): in a network of up to twenty nodes an authority or seed, then
 * other nodes if none has an acceptable one; in a larger one three nodes at random, which check each other, and only now and
 * then the authorities, so that these do not bear the load of all. A node that is not listed asks the authorities.
 * @throws DirectoryError as `refreshDirectory`.
 */
export function refreshNodeDirectory(options: DirectoryRefreshOptions, signal: AbortSignal): Promise<boolean> {
  const { store, random, fetcher = httpsFetcher } = options;
  const { seeds } = store.networkFile;
  const authorities = store.deciding().authorities.flatMap(({ urls }) => urls);
  const publishers = [...new Set([...authorities, ...seeds])];
  const publisherFetchers = () => [...inRandomOrder(publishers, random)].map((origin) => fetcher(origin));
  const mirrors = drawMirrors(options).map(({ ip, httpsPort }) => fetcher(`https://${ip}:${httpsPort}`));
  if (isSpared(options)) return refreshFromMirrors(store, mirrors, publisherFetchers, signal);
  return refreshDirectory(store, [...publisherFetchers(), ...mirrors], signal);
}

/** Shall the authorities not be asked this time, if others can tell? */
function isSpared({ store, ownKey, random }: DirectoryRefreshOptions): boolean {
  const list = store.current();
  if (!list?.node(ownKey)) return false;
  return uint32(random) / 2 ** 32 >= ASKING_PUBLISHERS / list.nodes.length;
}

/** Other nodes at random, each in another network unless all are in one place. */
function drawMirrors({ store, ownKey, random }: DirectoryRefreshOptions): NodeRecord[] {
  const accepted = store.accepted();
  const drawn: NodeRecord[] = [];
  for (const node of inRandomOrder(accepted?.nodes ?? [], random)) {
    if (drawn.length === MIRRORS) break;
    if (!isContactable(node) || equalBytes(node.ed25519Key, ownKey)) continue;
    const isApart = accepted?.parameters.oneSite || drawn.every(({ ip }) => subnet(ip) !== subnet(node.ip));
    if (isApart) drawn.push(node);
  }
  return drawn;
}

/** The /24 of an IPv4 address. */
function subnet(ip: string): string {
  return ip.slice(0, ip.lastIndexOf('.'));
}

/** Draws one after the other, so that whoever needs a few of many pays for these only (Fisher–Yates). */
function* inRandomOrder<Item>(items: readonly Item[], random: Random): Generator<Item> {
  const rest = [...items];
  for (let count = rest.length; count > 0; count--) {
    const index = uint32(random) % count;
    [rest[index], rest[count - 1]] = [rest[count - 1]!, rest[index]!];
    yield rest[count - 1]!;
  }
}

function uint32(random: Random): number {
  return Buffer.from(random(4)).readUInt32LE();
}
