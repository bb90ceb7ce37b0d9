import type { AdmittedNode } from '@sotto/directory';
import { bytesToHex } from '@sotto/wire/bytes';
import type { Probe } from './probe.ts';

const AT_ONCE = 32;
/** Newcomers among them, so that many that do not answer never keep those who are known from being tested. */
const NEWCOMERS_AT_ONCE = 24;
/** Newcomers of one address among those, so that nobody alone keeps others out. */
const NEWCOMERS_OF_ADDRESS = 12;
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
  /** Nodes that are being tested, so that one that moves on and on takes no more than one place. */
  readonly #underTest = new Set<string>();
  /** From where each newcomer that is being tested has come. */
  readonly #newcomers: string[] = [];

  /** @param interval time between two tests of a node, ms. */
  constructor(probe: Probe, interval: number) {
    this.#probe = probe;
    this.#interval = interval;
  }

  isReachable(node: AdmittedNode): boolean {
    const found = this.#found.get(bytesToHex(node.ed25519Key));
    return found !== undefined && found.address === addressOf(node) && found.reachable;
  }

  /**
   * Tests one node that is not known yet; gives `null` if there is too much to do.
   * @param from the address that asks for it.
   */
  async testFirst(node: AdmittedNode, from: string, now: number): Promise<boolean | null> {
    const fromThere = this.#newcomers.filter((each) => each === from).length;
    if (fromThere >= NEWCOMERS_OF_ADDRESS || this.#newcomers.length >= NEWCOMERS_AT_ONCE) return null;
    if (this.#running.size >= AT_ONCE) return null;
    const found: Found = { address: addressOf(node), reachable: false, failures: 0, nextTest: now + this.#interval };
    this.#newcomers.push(from);
    await this.#test(node, found);
    this.#newcomers.splice(this.#newcomers.indexOf(from), 1);
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
      if (this.#underTest.has(name)) continue;
      let found = this.#found.get(name);
      if (found?.address !== addressOf(node)) {
        found = { address: addressOf(node), reachable: false, failures: 0, nextTest: now };
        this.#found.set(name, found);
      }
      if (found.nextTest > now) continue;
      found.nextTest = now + this.#interval;
      this.#underTest.add(name);
      void this.#test(node, found).finally(() => this.#underTest.delete(name));
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
