import { setTimeout as delay } from 'node:timers/promises';
import {
  callOxend,
  type DirectoryError,
  type OxendAddress,
  type OxendOutcome,
  OxendSource,
  parseOxendAddress,
  parseOxendJson,
} from '@sotto/directory';
import { bytesToHex, type Random } from '@sotto/wire/bytes';
import { type NodeKeys, type NodeRecord, nodeLegacyKey } from '@sotto/wire/nodes';
import type { Log } from '../log.ts';
import type { ChainAnswer, ListeningPorts, Membership } from '../membership/membership.ts';
import { askOnce } from './ask-once.ts';
import { plausibleNodes, seedAddresses } from './chains.ts';
import { OxendLink } from './oxend-link.ts';
import type { OxendOptions } from './oxend-options.ts';

/** What membership through an oxend needs. */
export interface OxendMembershipOptions {
  readonly oxend: OxendOptions;
  readonly keys: NodeKeys;
  readonly version: readonly [number, number, number];
  readonly random: Random;
  readonly monotonicNow: () => number;
  readonly log: Log;
}

/** oxend hears from us, and subscriptions are renewed, this often (node-network §10.2). */
const PING_INTERVAL_MS = 30_000;
/** The first hard fork on which this node may serve (node-network §13). */
const FIRST_HARD_FORK = [19, 3] as const;
const SUBSCRIPTIONS = ['sub.block', 'sub.snode_addr'];

/**
 * Membership in a network whose nodes are told by a chain daemon (node-network §10). While oxend is away the last list
 * stays and the link is tried again and again.
 * @throws DirectoryError `oxend-address` if an address cannot be read.
 */
export function oxendMembership(options: OxendMembershipOptions): Membership {
  return new OxendMembership(options, parseOxendAddress(options.oxend.address), seedAddresses(options.oxend));
}

class OxendMembership implements Membership {
  readonly source: OxendSource;
  readonly #options: OxendMembershipOptions;
  readonly #link: OxendLink;
  #signal: AbortSignal = AbortSignal.abort();
  #cameUp = Promise.withResolvers<void>();

  constructor(options: OxendMembershipOptions, address: OxendAddress, seeds: readonly OxendAddress[]) {
    const { oxend, keys, random, monotonicNow, log } = options;
    this.#options = options;
    const shared = { keys: keys.x25519, random, monotonicNow };
    this.#link = new OxendLink({
      ...shared,
      address,
      onUp: () => {
        log.info({}, 'The chain daemon (oxend) is connected.');
        this.#cameUp.resolve();
        this.#cameUp = Promise.withResolvers();
      },
      onDown: () => log.warn({ code: 'oxend' }, 'The chain daemon (oxend) is away; the last list of nodes stays.'),
      onPush: (command, data) => this.#pushed(command, data),
    });
    this.source = new OxendSource({
      request: this.#link.request,
      seeds: seeds.map((seed) => (command, data) => askOnce({ ...shared, address: seed }, command, data, this.#signal)),
      plausibleNodes: plausibleNodes(oxend),
      ...(oxend.forceStart !== undefined && { forceStart: oxend.forceStart }),
      monotonicNow,
      onProblem: ({ code, message }: DirectoryError) => log.warn({ code }, `${message}.`),
    });
  }

  async run(ports: ListeningPorts, signal: AbortSignal): Promise<void> {
    this.#signal = signal;
    await Promise.all([this.#link.run(signal), this.#pingNowAndThen(ports, signal)]);
    // Ends at once, since the link is down.
    await this.source.refresh();
  }

  notReady(): string[] {
    if (this.#options.oxend.forceStart) return this.source.current() ? [] : ['not done syncing'];
    const [fork, revision] = this.source.hardFork;
    const [firstFork, firstRevision] = FIRST_HARD_FORK;
    const isOld = fork < firstFork || (fork === firstFork && revision < firstRevision);
    return [
      ...(isOld ? [`not yet on hardfork ${FIRST_HARD_FORK.join('.')}`] : []),
      ...(this.source.isSyncing || !this.source.current() ? ['not done syncing'] : []),
    ];
  }

  hardFork(): readonly [number, number] {
    return this.source.hardFork;
  }

  height(): number {
    return this.source.current()?.epoch ?? 0;
  }

  targetHeight(): number {
    return this.source.targetHeight;
  }

  signedDirectory(): null {
    return null;
  }

  async ask(endpoint: 'get_service_nodes' | 'ons_resolve', params: unknown): Promise<ChainAnswer> {
    const outcome = await callOxend(this.#link.request, `rpc.${endpoint}`, params ?? undefined);
    if (outcome.kind !== 'done') {
      const text = (outcome.kind === 'refused' && outcome.text) || 'Unknown oxend error';
      return { kind: 'refused', status: 400, text };
    }
    try {
      return { kind: 'done', result: parseOxendJson(outcome.json) };
    } catch {
      return { kind: 'refused', status: 502, text: 'oxend returned unparsable data' };
    }
  }

  async report(node: NodeRecord, passed: boolean): Promise<void> {
    const pubkey = bytesToHex(nodeLegacyKey(node));
    const report = { type: 'storage', pubkey, passed };
    const outcome = await callOxend(this.#link.request, 'admin.report_peer_status', report);
    if (outcome.kind === 'refused') {
      this.#options.log.warn({ node: pubkey, code: 'oxend' }, 'oxend did not take the report on a node.');
    }
  }

  /** Every 30 s, and as soon as the link stands again. */
  async #pingNowAndThen(ports: ListeningPorts, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const cameUp = this.#cameUp.promise;
      if (this.#link.isUp) await this.#ping(ports);
      const rest = new AbortController();
      const pause = delay(PING_INTERVAL_MS, undefined, { signal: AbortSignal.any([signal, rest.signal]) });
      await Promise.race([pause.catch(() => {}), cameUp]);
      rest.abort();
    }
  }

  /** Tells oxend that we are there, renews what we are subscribed to, and sees whether there is a block that we missed. */
  async #ping({ httpsPort, omqPort }: ListeningPorts): Promise<void> {
    const { version, keys, log } = this.#options;
    const pubkey_ed25519 = bytesToHex(keys.ed25519.publicKey);
    const ping = { version, pubkey_ed25519, https_port: httpsPort, omq_port: omqPort };
    // Not waited for: a daemon that does not know one of them says so in a way that no request hears (§4.2).
    for (const name of SUBSCRIPTIONS) void this.#link.request(name, []);
    const outcome = await callOxend(this.#link.request, 'admin.storage_server_ping', ping);
    // Without a link that is said elsewhere.
    const problem = this.#link.isUp ? problemOf(outcome) : null;
    if (problem !== null) log.warn({ code: 'oxend' }, `oxend is not content with this storage server: ${problem}`);
    await this.source.refresh();
  }

  #pushed(command: string, data: readonly Uint8Array[]): void {
    if (command === 'notify.block') void this.source.refresh();
    else if (command === 'notify.snode_addr' && data[0]) this.source.takeAddress(data[0]);
  }
}

/** What oxend says against us in its answer to a ping; it is only logged. */
function problemOf(outcome: OxendOutcome): string | null {
  if (outcome.kind === 'no-answer') return 'it does not answer';
  if (outcome.kind === 'refused') return outcome.text;
  const status = /"status"\s*:\s*"((?:[^"\\]|\\.){0,300})"/.exec(outcome.json)?.[1];
  return status === 'OK' ? null : (status ?? 'it answered without a status');
}
