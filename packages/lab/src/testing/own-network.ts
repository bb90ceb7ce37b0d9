import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type AuthorityStatus, STATUS_PATH, statusSchema } from '@sotto/authority';
import {
  createAuthorityKey,
  createInvite,
  DirectoryStore,
  httpsFetcher,
  inviteText,
  loadOrCreateCertificate,
  type NetworkFile,
  networkId,
  refreshDirectory,
  serializeNetworkFile,
  type VerifiedDirectory,
} from '@sotto/directory';
import { bytesToHex } from '@sotto/wire/bytes';
import type { KeyPair } from '@sotto/wire/crypto';
import { type Child, startChild } from '../child.ts';
import { pickFreePorts } from '../ports.ts';
import { askHttps } from './ask-https.ts';
import { AuthorityLink } from './authority-link.ts';

const never = new AbortController().signal;
const programs = createRequire(import.meta.url);
const programOf = (name: string) => join(dirname(programs.resolve(name)), 'process.ts');
/** Only on Linux every address of 127.0.0.0/8 is there without being set up. */
const HAS_ALIASES = process.platform === 'linux';

export interface OwnNetworkOptions {
  readonly authorities: number;
  readonly threshold: number;
  /** How many nodes will be started at most. */
  readonly nodes: number;
  /** ms. */
  readonly roundLength: number;
  /** How far the clock of each authority is wrong, ms; absent: not at all. */
  readonly clockErrors?: readonly number[];
}

/** Where a node can be reached. */
export interface NodePlace {
  readonly address: string;
  readonly httpsPort: number;
  readonly omqPort: number;
}

/**
 * A network as an organisation runs it: every authority and node is a process with an address of its own, nodes come
 * with invites. Authorities reach each other through {@link AuthorityLink}s, everybody else reaches them directly.
 */
export class OwnNetwork {
  readonly folder = mkdtempSync(join(tmpdir(), 'sotto-own-network-'));
  readonly keys: KeyPair[] = [];
  /** Processes by place; `null`: does not run. */
  readonly authorities: (Child | null)[] = [];
  readonly nodes: (Child | null)[] = [];
  readonly places: NodePlace[] = [];
  readonly #options: OwnNetworkOptions;
  readonly #links: AuthorityLink[][] = [];
  #file: NetworkFile | null = null;
  #path = '';

  constructor(options: OwnNetworkOptions) {
    this.#options = options;
  }

  /** As everybody but the authorities has it. */
  get file(): NetworkFile {
    if (!this.#file) throw new Error('the network is not open yet');
    return this.#file;
  }

  get id(): Uint8Array {
    return networkId(this.file);
  }

  /** Makes keys, network file and links, and starts the authorities. */
  async open(): Promise<void> {
    const { authorities: count, threshold, nodes } = this.#options;
    const indices = Array.from({ length: count }, (_, index) => index);
    const urls: string[] = [];
    for (const index of indices) {
      mkdirSync(this.#authorityFolder(index), { mode: 0o700 });
      this.keys.push(await createAuthorityKey(this.#authorityFolder(index)));
      const [port] = await pickFreePorts(office(index), 1);
      urls.push(`https://${office(index)}:${port}`);
    }
    for (let index = 0; index < nodes; index++) {
      const address = HAS_ALIASES ? `127.0.${(index % count) + 1}.${10 + index}` : '127.0.0.1';
      const [httpsPort, omqPort] = await pickFreePorts(address, 2);
      this.places.push({ address, httpsPort: httpsPort!, omqPort: omqPort! });
    }
    this.#file = {
      sotto: 1,
      name: 'Three offices',
      created: Date.now(),
      authorities: this.keys.map(({ publicKey }, index) => ({ key: bytesToHex(publicKey), urls: [urls[index]!] })),
      threshold,
      // Nodes: whoever comes when all authorities are away finds the network there.
      seeds: this.places.slice(0, 2).map(({ address, httpsPort }) => `https://${address}:${httpsPort}`),
      parameters: { swarmMin: 3, swarmIdeal: 3, swarmMargin: 0, relays: 3, join: 'invite', oneSite: true },
      communities: [],
    };
    this.#path = this.#write('three-offices.sotto', this.#file);
    const certificate = await loadOrCreateCertificate(this.folder);
    for (const from of indices) {
      this.#links.push(await Promise.all(urls.map((url) => AuthorityLink.open(office(from), url, certificate))));
    }
    this.authorities.push(...indices.map(() => null));
    await Promise.all(indices.map((index) => this.startAuthority(index)));
  }

  /** The way from one authority to another. */
  link(from: number, to: number): AuthorityLink {
    return this.#links[from]![to]!;
  }

  /** Cuts an authority off from all others, or connects it again. */
  cutOff(index: number, isCut = true): void {
    for (const other of this.#links.keys()) {
      this.link(index, other).isCut = isCut;
      this.link(other, index).isCut = isCut;
    }
  }

  async startAuthority(index: number): Promise<void> {
    const { authorities } = this.file;
    const own = authorities.map(({ key, urls }, other) => ({
      key,
      urls: other === index ? urls : [this.link(index, other).url],
    }));
    this.authorities[index] = await startChild(
      {
        program: programOf('@sotto/authority'),
        input: {
          folder: this.#authorityFolder(index),
          networkFile: this.#write(`authority-${index}.sotto`, { ...this.file, authorities: own }),
          host: office(index),
          port: Number(new URL(this.authorityUrl(index)).port),
          roundLength: this.#options.roundLength,
          clockError: this.#options.clockErrors?.[index] ?? 0,
        },
        logPath: join(this.#authorityFolder(index), 'log'),
        startTimeout: 30_000,
        compileCache: join(this.folder, 'cache'),
      },
      never,
    );
  }

  /** Starts a node; resolves once it knows the network's directory. `network` is its network file, by default the real one. */
  async startNode(index: number, invite: string, network: NetworkFile = this.file): Promise<void> {
    const { address, httpsPort, omqPort } = this.places[index]!;
    const folder = join(this.folder, `node-${index}`);
    const networkFile = network === this.file ? this.#path : this.#write(`node-${index}.sotto`, network);
    this.nodes[index] = await startChild(
      {
        program: programOf('@sotto/node'),
        reach: { write: [folder], read: [networkFile] },
        input: {
          folder,
          networkFile,
          host: address,
          httpsPort,
          omqPort,
          directoryInterval: 500,
          join: { address, invite, interval: 2000 },
          logLevel: 'info',
        },
        logPath: join(folder, 'log'),
        startTimeout: 60_000,
        compileCache: join(this.folder, 'cache'),
      },
      never,
    );
  }

  /** Ends a process and waits until it is gone. */
  async stop(children: (Child | null)[], index: number, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const child = children[index];
    children[index] = null;
    child?.kill(signal);
    await child?.ended;
  }

  /** A code of one authority, good for one node. */
  invite(author = 0): string {
    return inviteText(createInvite(this.id, this.keys[author]!, Date.now() + 3_600_000, randomBytes));
  }

  authorityUrl(index: number): string {
    return this.file.authorities[index]!.urls[0]!;
  }

  nodeUrl(index: number): string {
    const { address, httpsPort } = this.places[index]!;
    return `https://${address}:${httpsPort}`;
  }

  /** A newcomer's store with what the party at this address gives. */
  async newcomer(url: string): Promise<DirectoryStore> {
    const store = await DirectoryStore.open({ networkFile: this.file });
    await refreshDirectory(store, [httpsFetcher(url)], never);
    return store;
  }

  async directoryAt(url: string): Promise<VerifiedDirectory> {
    return (await this.newcomer(url)).accepted()!;
  }

  async statusOf(index: number): Promise<AuthorityStatus> {
    const { body } = await askHttps(new URL(STATUS_PATH, this.authorityUrl(index)));
    return statusSchema.parse(JSON.parse(body.toString()));
  }

  async close(): Promise<void> {
    for (const children of [this.nodes, this.authorities]) {
      await Promise.all([...children.keys()].map((index) => this.stop(children, index)));
    }
    await Promise.all(this.#links.flat().map((link) => link.close()));
    rmSync(this.folder, { recursive: true, force: true });
  }

  #authorityFolder(index: number): string {
    return join(this.folder, `authority-${index}`);
  }

  #write(name: string, file: NetworkFile): string {
    const path = join(this.folder, name);
    writeFileSync(path, serializeNetworkFile(file));
    return path;
  }
}

/** Each authority is in an office of its own: another network of the internet. */
function office(index: number): string {
  return HAS_ALIASES ? `127.0.${index + 1}.1` : '127.0.0.1';
}
