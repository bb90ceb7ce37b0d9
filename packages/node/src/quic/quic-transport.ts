import type { KeyPair } from '@sotto/wire/crypto';
import type { NodeRecord } from '@sotto/wire/nodes';

/** Where a node would be reached by QUIC, and what it answers there. */
export interface QuicService {
  readonly host: string;
  /** UDP; the number of the OxenMQ port. */
  readonly port: number;
  /** The node's own key, which its raw public key certificate shows. */
  readonly ed25519: KeyPair;
  /** Answers a command of a stream; `null` for an endpoint that there is not. */
  answer(endpoint: string, body: Uint8Array): Uint8Array | null;
}

/**
 * The place for QUIC (node-network §11), which nodes of the public network test each other by. There is no implementation:
 * it takes TLS 1.3 with raw public keys (RFC 7250), which Node.js does not have. Whoever has one gives it to `startNode`;
 * then the node listens with it, and tests other nodes by it.
 */
export interface QuicTransport {
  /** Begins to listen; its `close` resolves when nothing runs any more. */
  listen(service: QuicService): Promise<{ close(): Promise<void> }>;
  /**
   * `snode_ping` over a new connection on which the node has to show its Ed25519 key: true if it answers `pong` in time
   * (5 s for the handshake, 10 s for the reply). Never rejects.
   */
  ping(node: NodeRecord, signal: AbortSignal): Promise<boolean>;
}
