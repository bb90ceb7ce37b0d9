import type { KeyPair } from '@sotto/wire/crypto';
import type { NodeRecord } from '@sotto/wire/nodes';
import type { Log } from '../log.ts';
import type { Membership } from '../membership/membership.ts';
import type { PeerLink } from '../peers.ts';
import type { QuicTransport } from '../quic/quic-transport.ts';
import { httpsPing } from './https-ping.ts';
import { IncomingTests, type TestKind } from './incoming-tests.ts';
import { type TestPart, testNodes } from './node-tester.ts';
import { TestBook } from './test-book.ts';

/** What knowing who can be reached, ourselves included, needs. */
export interface ReachabilityOptions {
  readonly membership: Membership;
  readonly ownKey: Uint8Array;
  readonly peers: PeerLink;
  readonly version: string;
  readonly quic: QuicTransport | undefined;
  /** Mean time between two tests, ms. */
  readonly interval: number;
  /** Unix ms. */
  readonly now: () => number;
  /** ms of a clock that never goes back. */
  readonly monotonicNow: () => number;
  readonly log: Log;
}

/** For HTTPS and for OxenMQ, each (node-network §9). */
const TEST_TIMEOUT_MS = 5_000;

/** Tests of other nodes, and what is known of their tests of us (node-network §9). */
export class Reachability {
  readonly book = new TestBook();
  readonly incoming: IncomingTests;
  readonly #options: ReachabilityOptions;

  constructor(options: ReachabilityOptions) {
    const { quic, log, monotonicNow } = options;
    this.#options = options;
    const kinds: readonly TestKind[] = quic ? ['https', 'omq', 'quic'] : ['https', 'omq'];
    this.incoming = new IncomingTests(kinds, log, monotonicNow());
  }

  /** Another node has tested us. */
  tested(kind: TestKind): void {
    this.incoming.arrived(kind, this.#options.monotonicNow());
  }

  /** Tests other nodes until the signal aborts. Never rejects. */
  run(signal: AbortSignal): Promise<void> {
    const { membership, quic } = this.#options;
    return testNodes(
      {
        ...this.#options,
        source: membership.source,
        parts: [this.#https, this.#omq, ...(quic ? [quic.ping.bind(quic)] : [])],
        book: this.book,
        incoming: this.incoming,
        report: (node, passed) => membership.report(node, passed),
        uniform: Math.random,
      },
      signal,
    );
  }

  /** Serves `snode_ping` by QUIC, if there is QUIC; gives the function that ends it. */
  async serveQuic(host: string, port: number, ed25519: KeyPair): Promise<() => Promise<void>> {
    const { quic } = this.#options;
    if (!quic) return async () => {};
    const listener = await quic.listen({
      host,
      port,
      ed25519,
      answer: (endpoint) => {
        if (endpoint !== 'snode_ping') return null;
        this.tested('quic');
        return Buffer.from('pong');
      },
    });
    return () => listener.close();
  }

  readonly #https: TestPart = (node: NodeRecord, signal) =>
    httpsPing(node, this.#options.version, AbortSignal.any([signal, AbortSignal.timeout(TEST_TIMEOUT_MS)]));

  /** Any reply will do. */
  readonly #omq: TestPart = async (node: NodeRecord) =>
    (await this.#options.peers.request(node, 'sn.ping', [], TEST_TIMEOUT_MS)) !== null;
}
