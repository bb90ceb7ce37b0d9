import type { AdmittedNode } from '@sotto/directory';
import { bytesToHex } from '@sotto/wire/bytes';
import type { Probe } from './probe.ts';

const AT_ONCE = 32;
/** Newcomers among them, so that many that do not answer never keep those who are known from being tested. */
const NEWCOMERS_AT_ONCE = 24;
/** One lost packet is no reason to drop a node. */
const FAILURES_ALLOWED = 1;

interface Found {
  readonly address: string;
  reachable: boolean;
  failures: number;
  /** Of the steady clock. */
  nextTest: number;
}

/** Which of the admitted nodes answer, tested again and again (docs/protocol/directory.md §8.3). */
export class Reachability {
  readonly #probe: Probe;
  readonly #interval: number;
  readonly #found = new Map<string, Found>();
  readonly #running = new Set<Promise<void>>();
  #newcomers = 0;

  /** @param interval time between two tests of a node, ms. */
  constructor(probe: Probe, interval: number) {
    this.#probe = probe;
    this.#interval = interval;
  }

  isReachable(node: AdmittedNode): boolean {
    const found = this.#found.get(bytesToHex(node.ed25519Key));
    return found !== undefined && found.address === addressOf(node) && found.reachable;
  }

  /** Tests one node that is not known yet; gives `null` if there is too much to do. */
  async testFirst(node: AdmittedNode, now: number): Promise<boolean | null> {
    if (this.#newcomers >= NEWCOMERS_AT_ONCE || this.#running.size >= AT_ONCE) return null;
    const found: Found = { address: addressOf(node), reachable: false, failures: 0, nextTest: now + this.#interval };
    this.#newcomers++;
    await this.#test(node, found);
    this.#newcomers--;
    if (found.reachable) this.#found.set(bytesToHex(node.ed25519Key), found);
    return found.reachable;
  }

  /** Begins the tests that are due, and forgets nodes that are not named any more. */
  advance(nodes: readonly AdmittedNode[], now: number): void {
    const names = new Set(nodes.map(({ ed25519Key }) => bytesToHex(ed25519Key)));
    for (const name of this.#found.keys()) if (!names.has(name)) this.#found.delete(name);
    for (const node of nodes) {
      if (this.#running.size >= AT_ONCE) return;
      const name = bytesToHex(node.ed25519Key);
      let found = this.#found.get(name);
      if (found?.address !== addressOf(node)) {
        found = { address: addressOf(node), reachable: false, failures: 0, nextTest: now };
        this.#found.set(name, found);
      }
      if (found.nextTest > now) continue;
      found.nextTest = now + this.#interval;
      void this.#test(node, found);
    }
  }

  /** Resolves once each of these nodes was tested at least once. */
  async testAll(nodes: readonly AdmittedNode[], now: number): Promise<void> {
    do {
      this.advance(nodes, now);
      await this.settled();
    } while (nodes.some((node) => (this.#found.get(bytesToHex(node.ed25519Key))?.nextTest ?? now) <= now));
  }

  /** Resolves once no test runs. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  async #test(node: AdmittedNode, found: Found): Promise<void> {
    const test = this.#probe.reach(node).then((answered) => {
      found.failures = answered ? 0 : found.failures + 1;
      found.reachable = answered || (found.reachable && found.failures <= FAILURES_ALLOWED);
    });
    this.#running.add(test);
    await test;
    this.#running.delete(test);
  }
}

function addressOf({ ip, httpsPort, omqPort }: AdmittedNode): string {
  return `${ip} ${httpsPort} ${omqPort}`;
}
