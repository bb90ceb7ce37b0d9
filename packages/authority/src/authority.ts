import {
  type AdmittedNode,
  type DirectoryStore,
  httpsFetcher,
  networkId,
  refreshDirectory,
  type VoteContent,
} from '@sotto/directory';
import type { HttpsServer } from '@sotto/node';
import { bytesToHex, wipe } from '@sotto/wire/bytes';
import type { KeyPair } from '@sotto/wire/crypto';
import type { AuthorityFolder, Proposal } from './authority-folder.ts';
import { type AuthorityOptions, type RunningAuthority, roundLengthOf, timeoutOf } from './authority-options.ts';
import { AuthorityError } from './errors.ts';
import { type Lists, Members } from './members/members.ts';
import type { Probe } from './members/probe.ts';
import { Reachability } from './members/reachability.ts';
import { Peers } from './peers.ts';
import { codeOf, EffectRunner } from './round/effect-runner.ts';
import { type Moment, RoundMachine, type Situation } from './round/round-machine.ts';
import type { AuthorityStatus } from './status.ts';
import { SuccessionKeeper } from './succession-keeper.ts';

const LONGEST_TEST_INTERVAL = 600_000;
const LONGEST_PAUSE = 1000;

/** What an authority finds on its disk at its start. */
export interface SavedAuthority {
  readonly lastEpoch: number;
  readonly successions: readonly Uint8Array[];
  readonly members: Awaited<ReturnType<AuthorityFolder['members']>>;
  readonly lists: Lists;
}

/** One authority: its members, its rounds, and what they need of disk and network. */
export class Authority implements RunningAuthority {
  readonly key: string;
  readonly store: DirectoryStore;
  port = 0;
  readonly #options: AuthorityOptions;
  readonly #folder: AuthorityFolder;
  readonly #keys: KeyPair;
  readonly #networkId: Uint8Array;
  readonly #successions: SuccessionKeeper;
  readonly #members: Members;
  readonly #probe: Probe;
  readonly #reachability: Reachability;
  readonly #peers: Peers;
  readonly #machine: RoundMachine;
  readonly #effects: EffectRunner;
  readonly #stopping = new AbortController();
  #server: HttpsServer | null = null;
  #running: Promise<void> = Promise.resolve();
  #wake = Promise.withResolvers<void>();
  #lists: Lists;
  #proposal: Proposal | null = null;
  /** What the last vote said that was new then. */
  #told: ReadonlySet<string> = new Set();

  constructor(
    options: AuthorityOptions,
    folder: AuthorityFolder,
    keys: KeyPair,
    store: DirectoryStore,
    probe: Probe,
    saved: SavedAuthority,
  ) {
    const { networkFile } = options;
    const roundLength = roundLengthOf(options);
    this.#options = options;
    this.#folder = folder;
    this.#keys = keys;
    this.key = bytesToHex(keys.publicKey);
    this.store = store;
    this.#networkId = networkId(networkFile);
    this.#lists = saved.lists;
    const successions = longer(saved.successions, store.successions());
    this.#successions = new SuccessionKeeper(folder, networkFile, successions);
    this.#probe = probe;
    this.#reachability = new Reachability(probe, Math.min(roundLength / 3, LONGEST_TEST_INTERVAL));
    this.#peers = new Peers(timeoutOf(options), this.#stopping.signal);
    this.#members = new Members(
      {
        networkId: this.#networkId,
        parameters: () => store.accepted()?.parameters ?? networkFile.parameters,
        inviters: () => this.#successions.everDeciding(),
        lists: () => this.#lists,
        listed: () => store.current(),
      },
      saved.members,
    );
    this.#machine = new RoundMachine({
      networkFile,
      keys,
      roundLength,
      lastEpoch: saved.lastEpoch,
      firstRound: this.#moment().steady + untilNextRound(store, roundLength, this.#moment().wall),
      situation: () => this.#situation(),
      content: ({ wall }) => this.#content(wall),
      hasNews: () => this.#news().some((what) => !this.#told.has(what)),
    });
    this.#effects = new EffectRunner({
      store,
      folder,
      members: this.#members,
      successions: this.#successions,
      peers: this.#peers,
      log: options.log,
      abandon: () => void this.#machine.abandon(),
      onRound: (outcome) => options.onRound?.(outcome),
    });
  }

  get directory(): DirectoryStore {
    return this.store;
  }

  run(server: HttpsServer): void {
    this.#server = server;
    this.port = server.port;
    this.#running = this.#run();
  }

  /** Takes a node's descriptor that came from an address; a node that is not known yet must answer first. */
  describe = async (bytes: Uint8Array, from: string): Promise<void> => {
    const descriptor = this.#members.judge(bytes, this.#moment().wall);
    const { node } = descriptor;
    if (!this.#members.has(node)) {
      const answers = await this.#reachability.testFirst(node, from, this.#moment().steady);
      if (answers === null) throw new AuthorityError('busy', 'too many nodes are joining, try again');
      if (!answers) {
        const where = `${node.ip}, HTTPS port ${node.httpsPort}, OxenMQ port ${node.omqPort}`;
        throw new AuthorityError('refused', `this authority cannot reach the node at ${where}`);
      }
      // Another node may have used the same invite meanwhile.
      this.#members.judge(bytes, this.#moment().wall);
    }
    if (this.#members.take(descriptor, bytes)) await this.#saveMembers();
  };

  receive = (bytes: Uint8Array): void => {
    void this.#effects.do(this.#machine.receive(bytes, this.#moment()));
    this.#wake.resolve();
  };

  status = async (): Promise<AuthorityStatus> => {
    const accepted = this.store.accepted();
    const { authorities, threshold } = this.#successions.deciding;
    const { lastRound } = this.#effects;
    const succession = (await this.#successions.proposal())?.succession ?? null;
    return {
      authority: this.key,
      epoch: accepted?.epoch ?? 0,
      validFrom: accepted?.validFrom ?? 0,
      deciding: { authorities: authorities.map(({ key, urls }) => ({ key, urls: [...urls] })), threshold },
      successions: this.#successions.signed.length,
      proposal: succession && {
        number: succession.number,
        authorities: succession.authorities.map(({ key, urls }) => ({ key, urls: [...urls] })),
        threshold: succession.threshold,
      },
      round: lastRound && { ...lastRound, voters: [...lastRound.voters], signers: [...lastRound.signers] },
      nodes: this.#members.nodes(this.#moment().wall).map(({ node }) => ({
        key: bytesToHex(node.ed25519Key),
        address: `${node.ip}:${node.httpsPort}`,
        reachable: this.#reachability.isReachable(node),
        listed: this.store.current()?.node(node.ed25519Key) !== undefined,
      })),
      evidence: await this.#folder.evidence(),
    };
  };

  async close(): Promise<void> {
    this.#stopping.abort();
    this.#wake.resolve();
    await this.#server?.close();
    await Promise.all([this.#running, this.#peers.close()]);
    await this.#effects.settled();
    await this.#reachability.settled();
    await this.#probe.close();
    wipe(this.#keys.secretKey);
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    const { log } = this.#options;
    let isFirst = true;
    while (!signal.aborted) {
      try {
        await this.#effects.do(this.#machine.advance(this.#moment()));
        await this.#readFolder();
        if (this.#machine.isDue(this.#moment())) {
          await this.#prepareRound(isFirst);
          isFirst = false;
          if (!signal.aborted) await this.#effects.do(this.#machine.begin(this.#moment()));
        }
        this.#reachability.advance(this.#candidates(), this.#moment().steady);
      } catch (error) {
        log.error({ code: codeOf(error) }, 'A round could not go on.');
      }
      await this.#pause();
    }
  }

  /** What commands of the operator have left there. */
  async #readFolder(): Promise<void> {
    this.#lists = await this.#folder.lists();
    this.#proposal = await this.#successions.proposal();
  }

  /** Brings what is known up to date, so that the authorities begin with the same directory. */
  async #prepareRound(isFirst: boolean): Promise<void> {
    await this.#effects.settled();
    await this.#askPeers();
    // Without a first test every node would be called unreachable after each restart.
    if (isFirst) await this.#reachability.testAll(this.#candidates(), this.#moment().steady);
  }

  async #askPeers(): Promise<void> {
    const limit = AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(timeoutOf(this.#options))]);
    const others = this.#successions.deciding.authorities.filter(({ key }) => key !== this.key);
    await Promise.all(
      others.map(async ({ urls }) => {
        const fetchers = urls.map((url) => httpsFetcher(url));
        // One that is away, or has no directory yet, is nothing special.
        if (fetchers.length > 0) await refreshDirectory(this.store, fetchers, limit).catch(() => {});
      }),
    );
    await this.#effects.takeSuccessions(this.store.successions());
  }

  #situation(): Situation {
    const { deciding, signed } = this.#successions;
    return { deciding, successions: signed, previous: this.store.basis() };
  }

  #content(wall: number): VoteContent {
    const parameters = this.#options.networkFile.parameters;
    const { nodes, claims } = this.#members.votes(this.#isReachable, wall);
    this.#told = new Set(this.#news());
    return { nodes, claims, parameters, proposal: this.#proposal };
  }

  /** What people wait for: nodes that shall be listed or shall not be, and a change of who decides. */
  #news(): string[] {
    const unlisted = this.#members.unlisted(this.#isReachable, this.#moment().wall);
    const refused = this.#members.unwelcome().map((name) => `refused ${name}`);
    const proposal = this.#proposal ? [`proposal ${bytesToHex(this.#proposal.dict)}`] : [];
    // Others learn of a change by the directory that comes after it.
    const { length } = this.#successions.signed;
    const change = length > this.store.successions().length ? [`succession ${length}`] : [];
    return [...unlisted, ...refused, ...proposal, ...change];
  }

  readonly #isReachable = (node: AdmittedNode): boolean => this.#reachability.isReachable(node);

  #candidates(): AdmittedNode[] {
    return this.#members.nodes(this.#moment().wall).map(({ node }) => node);
  }

  #saveMembers(): Promise<void> {
    return this.#folder.saveMembers(this.#members.save());
  }

  async #pause(): Promise<void> {
    const { steady } = this.#moment();
    const roundLength = roundLengthOf(this.#options);
    const soon = Math.min(this.#machine.wakeAt(this.#moment()) - steady, roundLength / 20, LONGEST_PAUSE);
    this.#wake = Promise.withResolvers();
    const timer = setTimeout(this.#wake.resolve, Math.max(soon, 1));
    if (!this.#stopping.signal.aborted) await this.#wake.promise;
    clearTimeout(timer);
  }

  #moment(): Moment {
    return { steady: performance.now(), wall: (this.#options.now ?? Date.now)() };
  }
}

/** A round is due when the last one is a round's length old; at once before the first. */
function untilNextRound(store: DirectoryStore, roundLength: number, wall: number): number {
  const accepted = store.accepted();
  return accepted ? Math.min(Math.max(accepted.validFrom + roundLength - wall, 0), roundLength) : 0;
}

function longer<Item>(a: readonly Item[], b: readonly Item[]): readonly Item[] {
  return a.length >= b.length ? a : b;
}
