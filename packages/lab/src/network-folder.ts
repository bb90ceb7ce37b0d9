import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type AdmittedNode,
  createAuthorityKey,
  DirectoryError,
  loadAuthorityKey,
  loadOrCreateCertificate,
  type NetworkFile,
  type NetworkParameters,
  parseNetworkFile,
  replaceFile,
  serializeNetworkFile,
} from '@sotto/directory';
import { createNodeKeys, loadNodeKeys, NodeError, wipeNodeKeys } from '@sotto/node';
import { bytesToHex, wipe } from '@sotto/wire/bytes';
import type { NodeKeys } from '@sotto/wire/nodes';
import { z } from 'zod';
import { LabError } from './errors.ts';
import { type FileServerPlace, openFileServer } from './file-server-places.ts';
import { pickFreePorts } from './ports.ts';

/** All nodes and the authority listen here; what is on this machine stays on it. */
export const HOST = '127.0.0.1';

const STATE_FILE = 'network.json';
const MAXIMUM_NODES = 100;
const MAXIMUM_FILE_SERVERS = 8;
const NODE_VERSION = [2, 11, 3] as const;

const port = z.int().min(1).max(0xffff);

const stateSchema = z.object({
  networkFile: z.string().regex(/^[a-z0-9-]+\.sotto$/),
  authorityPort: port,
  nodes: z
    .array(z.object({ httpsPort: port, omqPort: port }))
    .min(1)
    .max(MAXIMUM_NODES),
  fileServers: z.array(z.object({ port })).max(MAXIMUM_FILE_SERVERS).default([]),
});

type SavedNetwork = z.output<typeof stateSchema>;

/** One node of a network on this machine, running or not. */
export interface NodePlace {
  /** Counted from 0. */
  readonly index: number;
  /** What is only this node's. */
  readonly folder: string;
  readonly httpsPort: number;
  readonly omqPort: number;
  /** Public keys, lower-case hex. */
  readonly keys: { readonly ed25519: string; readonly x25519: string };
  /** What the authority lists. */
  readonly record: AdmittedNode;
}

/** A network on this machine as its folder describes it. */
export interface NetworkPlace {
  readonly networkFile: NetworkFile;
  readonly networkFilePath: string;
  readonly authority: { readonly folder: string; readonly port: number };
  readonly nodes: readonly NodePlace[];
  readonly fileServers: readonly FileServerPlace[];
}

/** What a new network shall be like; of an existing one only `nodes` and `fileServers` are looked at. */
export interface NetworkPlan {
  readonly folder: string;
  readonly name: string;
  /** Absent: as many as there are, or nine. */
  readonly nodes: number | undefined;
  /** File servers to have at least, 0 to 8. */
  readonly fileServers: number;
  /** Absent: anywhere. */
  readonly basePort: number | undefined;
  readonly parameters: NetworkParameters;
  /** ms since 1970. */
  readonly now: number;
}

const DEFAULT_NODES = 9;

/**
 * Finds the network in a folder, or makes one there: keys of the authority and the nodes, ports, network file. More
 * nodes than before are added; the others keep their keys, ports and messages. An interrupted making is taken up again.
 * @throws LabError `folder` for a damaged or unwritable folder or fewer nodes than before, `port` if there are not enough free ones;
 * DirectoryError for other files that cannot be read or written.
 */
export async function prepareNetwork(plan: NetworkPlan): Promise<NetworkPlace> {
  const { folder } = plan;
  if (plan.nodes !== undefined && !(plan.nodes >= 1 && plan.nodes <= MAXIMUM_NODES && Number.isInteger(plan.nodes))) {
    throw new LabError('folder', `A network on one machine has 1 to ${MAXIMUM_NODES} nodes.`);
  }
  await makeFolder(join(folder, 'authority'));
  const saved = await loadState(folder);
  const state = await withFileServers(saved ? await grow(saved, plan) : await begin(plan), plan);
  const nodes = state.nodes.map((ports, index) => openNode(folder, index, ports));
  // Here and not in the nodes' processes: making them loads a library that would stay in the memory of each.
  for (const node of nodes) await loadOrCreateCertificate(node.folder);
  const fileServers = state.fileServers.map(({ port }, index) => openFileServer(folder, HOST, index, port));
  // Written last: until then the next start begins anew, with the keys that are there already.
  if (state !== saved) await replaceFile(join(folder, STATE_FILE), `${JSON.stringify(state, null, 2)}\n`);
  const networkFilePath = join(folder, state.networkFile);
  return {
    networkFile: await listFileServers(networkFilePath, fileServers),
    networkFilePath,
    authority: { folder: join(folder, 'authority'), port: state.authorityPort },
    nodes,
    fileServers,
  };
}

async function begin(plan: NetworkPlan): Promise<SavedNetwork> {
  const count = plan.nodes ?? DEFAULT_NODES;
  const [authorityPort, ...ports] = await pickFreePorts(HOST, 1 + 2 * count, plan.basePort);
  const networkFile = `${slug(plan.name)}.sotto`;
  const text = serializeNetworkFile({
    sotto: 1,
    name: plan.name,
    created: plan.now,
    authorities: [{ key: await authorityKey(join(plan.folder, 'authority')), urls: [origin(authorityPort!)] }],
    threshold: 1,
    seeds: [origin(authorityPort!)],
    parameters: plan.parameters,
    communities: [],
  });
  await replaceFile(join(plan.folder, networkFile), text);
  return { networkFile, authorityPort: authorityPort!, nodes: inPairs(ports), fileServers: [] };
}

async function grow(saved: SavedNetwork, { folder, nodes, basePort }: NetworkPlan): Promise<SavedNetwork> {
  const missing = (nodes ?? saved.nodes.length) - saved.nodes.length;
  if (missing < 0) {
    const what = `The network in ${folder} has ${saved.nodes.length} nodes, which hold its messages.`;
    throw new LabError('folder', `${what} Start it with that many or more, or use another folder.`);
  }
  if (missing === 0) return saved;
  return { ...saved, nodes: [...saved.nodes, ...inPairs(await pickMorePorts(saved, 2 * missing, basePort))] };
}

async function withFileServers(saved: SavedNetwork, { fileServers, basePort }: NetworkPlan): Promise<SavedNetwork> {
  const missing = fileServers - saved.fileServers.length;
  if (missing <= 0) return saved;
  const ports = await pickMorePorts(saved, missing, basePort);
  return { ...saved, fileServers: [...saved.fileServers, ...ports.map((port) => ({ port }))] };
}

/** Free ports above those that the network has already. */
async function pickMorePorts(saved: SavedNetwork, count: number, basePort: number | undefined): Promise<number[]> {
  const { authorityPort, nodes, fileServers } = saved;
  const known = [
    authorityPort,
    ...nodes.flatMap(({ httpsPort, omqPort }) => [httpsPort, omqPort]),
    ...fileServers.map(({ port }) => port),
  ];
  return await pickFreePorts(HOST, count, Math.max(basePort ?? 0, ...known) + 1);
}

/** The network file, which lists these file servers; others that somebody has put there stay. */
async function listFileServers(path: string, places: readonly FileServerPlace[]): Promise<NetworkFile> {
  const file = await readNetworkFile(path);
  const own = places.map(({ listed }) => listed);
  const others = (file.files ?? []).filter(({ key }) => own.every((server) => server.key !== key));
  const files = [...others, ...own];
  if (JSON.stringify(files) === JSON.stringify(file.files ?? [])) return file;
  const updated = { ...file, files };
  await replaceFile(path, serializeNetworkFile(updated));
  return updated;
}

function openNode(folder: string, index: number, ports: { httpsPort: number; omqPort: number }): NodePlace {
  const own = join(folder, 'nodes', String(index + 1).padStart(2, '0'));
  const keys = nodeKeys(own);
  wipeNodeKeys(keys);
  const ed25519Key = keys.ed25519.publicKey;
  return {
    index,
    folder: own,
    ...ports,
    keys: { ed25519: bytesToHex(ed25519Key), x25519: bytesToHex(keys.x25519.publicKey) },
    record: { ed25519Key, ip: HOST, ...ports, version: NODE_VERSION },
  };
}

function nodeKeys(folder: string): NodeKeys {
  try {
    return loadNodeKeys(folder) ?? createNodeKeys(folder);
  } catch (cause) {
    if (!(cause instanceof NodeError)) throw cause;
    throw new LabError('folder', cause.message, { cause });
  }
}

async function loadState(folder: string): Promise<SavedNetwork | null> {
  const path = join(folder, STATE_FILE);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new LabError('folder', `Cannot read ${path}: ${(error as Error).message}`, { cause: error });
  }
  try {
    return stateSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new LabError('folder', `${path} is damaged. Delete ${folder} to begin a new network.`, { cause });
  }
}

async function readNetworkFile(path: string): Promise<NetworkFile> {
  try {
    return parseNetworkFile(await readFile(path, 'utf8'));
  } catch (cause) {
    throw new LabError('folder', `The network file ${path} cannot be used: ${(cause as Error).message}`, { cause });
  }
}

/** The public key of the authority in a folder, in hex; made if there is none yet. */
async function authorityKey(folder: string): Promise<string> {
  const key = await createAuthorityKey(folder).catch((error) => {
    // An interrupted start left one.
    if (error instanceof DirectoryError && isAlreadyThere(error.cause)) return loadAuthorityKey(folder);
    throw error;
  });
  wipe(key.secretKey);
  return bytesToHex(key.publicKey);
}

function isAlreadyThere(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === 'EEXIST';
}

async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new LabError('folder', `Cannot make the folder ${path}: ${(cause as Error).message}`, { cause });
  }
}

function inPairs(ports: readonly number[]): { httpsPort: number; omqPort: number }[] {
  return Array.from({ length: ports.length / 2 }, (_, index) => ({
    httpsPort: ports[2 * index]!,
    omqPort: ports[2 * index + 1]!,
  }));
}

function origin(port: number): string {
  return `https://${HOST}:${port}`;
}

/** A file name from a network's name. */
function slug(name: string): string {
  const plain = name.normalize('NFKD').toLowerCase();
  return (
    plain
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-+|-+$/g, '')
      .slice(0, 40) || 'network'
  );
}
