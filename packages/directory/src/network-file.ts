import { encodeBt } from '@sotto/wire/bt';
import { hexToBytes, utf8ToBytes } from '@sotto/wire/bytes';
import { blake2b, ed25519PublicToX25519 } from '@sotto/wire/crypto';
import { z } from 'zod';
import { type ChainOrigin, chainSchema } from './chain/chain-file.ts';
import { DirectoryError } from './errors.ts';
import { issueText, type NetworkParameters, parametersSchema } from './parameters.ts';

/** What a network file may have. */
export const MAXIMUM_NETWORK_FILE_BYTES = 4096;
const MAXIMUM_AUTHORITIES = 32;
const MAXIMUM_FILE_SERVERS = 8;
const ID_PERSONAL = utf8ToBytes('sotto-network-id');

/** Who may sign directories, and where they publish them. */
export interface NetworkAuthority {
  /** Ed25519 public key, 64 lower-case hex digits. */
  readonly key: string;
  /** Origins, `https://host:port`. */
  readonly urls: readonly string[];
}

/** One file server of a network. */
export interface NetworkFileServer {
  /** Origin, `http://host:port` or with https. */
  readonly url: string;
  /** Ed25519 public key, 64 lower-case hex digits. */
  readonly key: string;
}

/** Everything that a newcomer needs to believe a network's directory (docs/protocol/directory.md §1). */
export interface NetworkFile {
  readonly sotto: 1;
  readonly name: string;
  /** ms since 1970. */
  readonly created: number;
  readonly authorities: readonly NetworkAuthority[];
  /** How many distinct authorities must have signed a directory. */
  readonly threshold: number;
  /** Origins, `https://host:port`, that answer stock clients too. */
  readonly seeds: readonly string[];
  readonly parameters: NetworkParameters;
  /** The network's file servers; uploads are spread over them. Absent: it has none. */
  readonly files?: readonly NetworkFileServer[] | undefined;
  /** Communities to offer to newcomers. */
  readonly communities: readonly string[];
}

/** A network whose nodes a chain lists: nobody signs directories (docs/protocol/directory.md §9). */
export interface ChainNetworkFile {
  readonly sotto: 1;
  readonly name: string;
  readonly chain: ChainOrigin;
  readonly files?: readonly NetworkFileServer[] | undefined;
  readonly communities: readonly string[];
}

/** Either kind; clients can use both. */
export type AnyNetworkFile = NetworkFile | ChainNetworkFile;

/** Does a chain list the network's nodes? */
export function isChainNetwork(file: AnyNetworkFile): file is ChainNetworkFile {
  return 'chain' in file;
}

const ed25519Key = z
  .string()
  .regex(/^[0-9a-fA-F]{64}$/, 'must be an Ed25519 public key in hex')
  .transform((key) => key.toLowerCase())
  .refine((key) => ed25519PublicToX25519(hexToBytes(key)) !== null, 'is not a point of the curve');

const origin = z.string().transform((text, context) => {
  const url = URL.parse(text);
  const plain =
    url?.protocol === 'https:' && url.pathname === '/' && !url.search && !url.hash && !url.username && !url.password;
  if (url && plain) return url.origin;
  context.addIssue({ code: 'custom', message: 'must be of the form https://host:port' });
  return z.NEVER;
});

const webAddress = z.url({ protocol: /^https?$/ }).max(500);

/** 1 to 32 different authorities; hex becomes lower case and URLs become origins. */
export const authoritiesSchema = z
  .array(z.object({ key: ed25519Key, urls: z.array(origin).max(8) }))
  .min(1)
  .max(MAXIMUM_AUTHORITIES)
  .refine((list) => new Set(list.map(({ key }) => key)).size === list.length, { message: 'must have different keys' });

const fileServer = z.object({
  url: webAddress
    .transform((text) => new URL(text))
    .refine((url) => url.pathname === '/' && !url.search && !url.hash, {
      message: 'must be of the form http://host:port',
    })
    .transform((url) => url.origin),
  key: ed25519Key,
});

/** One server may be written without a list around it. */
const fileServers = z
  .union([z.array(fileServer).max(MAXIMUM_FILE_SERVERS), fileServer.transform((server) => [server])])
  .refine((list) => new Set(list.map(({ key }) => key)).size === list.length, { message: 'must have different keys' });

const networkName = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[^\p{Cc}\p{Zl}\p{Zp}]*$/u, 'must not hold control characters');
const communities = z.array(webAddress).max(16).default([]);

const fileSchema = z
  .object({
    sotto: z.literal(1),
    name: networkName,
    created: z.int().min(0),
    authorities: authoritiesSchema,
    threshold: z.int().min(1),
    seeds: z.array(origin).max(16).default([]),
    parameters: parametersSchema,
    files: fileServers.optional(),
    communities,
  })
  .refine((file) => file.threshold <= file.authorities.length, {
    path: ['threshold'],
    message: 'must not exceed the number of authorities',
  });

const chainFileSchema = z.strictObject({
  sotto: z.literal(1),
  name: networkName,
  chain: chainSchema,
  files: fileServers.optional(),
  communities,
});

/**
 * Reads the file of a network with signed directories (docs/protocol/directory.md §1). Keys that are not known are
 * ignored, so that later versions can add some; hex becomes lower case and URLs become origins.
 * @throws DirectoryError `network-file` if it has more than 4096 bytes, is not JSON or breaks a rule, or a chain lists the
 * network's nodes; the message says which.
 */
export function parseNetworkFile(text: string): NetworkFile {
  const file = parseAnyNetworkFile(text);
  if (!isChainNetwork(file)) return file;
  throw new DirectoryError('network-file', 'a chain lists the nodes of this network, so nobody signs lists of them');
}

/**
 * Reads a network file of either kind. What a chain's file holds has to be known, every key of it.
 * @throws DirectoryError `network-file` as {@link parseNetworkFile}.
 */
export function parseAnyNetworkFile(text: string): AnyNetworkFile {
  if (utf8ToBytes(text).length > MAXIMUM_NETWORK_FILE_BYTES) {
    throw new DirectoryError('network-file', `the network file has more than ${MAXIMUM_NETWORK_FILE_BYTES} bytes`);
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new DirectoryError('network-file', 'the network file is not JSON');
  }
  const isChain = typeof json === 'object' && json !== null && 'chain' in json;
  const parsed = isChain ? chainFileSchema.safeParse(json) : fileSchema.safeParse(json);
  if (!parsed.success)
    throw new DirectoryError('network-file', `the network file is wrong at ${issueText(parsed.error)}`);
  return parsed.data;
}

/**
 * The text of a network file, readable and ending with a newline; {@link parseNetworkFile} gives an equal value back.
 * @throws DirectoryError `network-file` for a value that could not be read back.
 */
export function serializeNetworkFile(file: NetworkFile): string {
  const text = `${JSON.stringify(file, null, 2)}\n`;
  parseNetworkFile(text);
  return text;
}

/**
 * The 32 bytes that name a network: they change with who decides (keys, threshold) and nothing else
 * (docs/protocol/directory.md §2). Those of a chain's network change with the chain's name.
 */
export function networkId(file: AnyNetworkFile): Uint8Array {
  if (isChainNetwork(file)) return blake2b(32, encodeBt({ chain: file.chain.id }), { personal: ID_PERSONAL });
  const authorities = file.authorities.map(({ key }) => key.toLowerCase()).sort();
  const deciding = encodeBt({
    authorities: authorities.map(hexToBytes),
    created: file.created,
    threshold: file.threshold,
  });
  return blake2b(32, deciding, { personal: ID_PERSONAL });
}
