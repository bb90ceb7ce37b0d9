import type { NetworkFile } from '@sotto/directory';
import type { Log, LogLevel } from './log.ts';
import type { JoinOptions } from './membership/descriptor-sender.ts';
import type { OxendOptions } from './oxend/oxend-options.ts';
import type { QuicTransport } from './quic/quic-transport.ts';
import type { NodeStats } from './stats/node-stats.ts';
import type { NodeStatus } from './status/node-status.ts';
import type { SqliteStoreOptions } from './store/sqlite-store.ts';

/** How a node is started. */
export interface NodeOptions {
  /** Where keys, certificate, directory and messages are kept; made if it is missing. */
  readonly folder: string;
  /** The network, if it has a signed directory; else `oxend` is given. */
  readonly networkFile?: NetworkFile;
  /** Makes the node join by itself a network with a signed directory; absent: its authorities list it anyway. */
  readonly join?: JoinOptions;
  /** How to find a network whose nodes a chain daemon tells. That daemon has the node's keys, too. */
  readonly oxend?: OxendOptions;
  /** X25519 keys, hex, of operators who may ask for statistics over OxenMQ (storage-rpc §11); absent: nobody. */
  readonly statsKeys?: readonly string[];
  /** Mean time between two reachability tests of other nodes, ms; absent: 10 s (node-network §9). */
  readonly testInterval?: number;
  /** QUIC, if there is any: see {@link QuicTransport}. */
  readonly quic?: QuicTransport;
  /** Ends a start that still waits for oxend. */
  readonly signal?: AbortSignal;
  /** Address to listen on; absent: 127.0.0.1. */
  readonly host?: string;
  /** TCP ports; 0 for any free one. */
  readonly httpsPort: number;
  readonly omqPort: number;
  /** Absent: `info`. */
  readonly logLevel?: LogLevel;
  /**
   * Servers on loopback and private addresses may be reached through this node; absent: only in networks of one site.
   */
  readonly allowPrivateAddresses?: boolean;
  /** Limit requests per client (storage-rpc §2.7); absent: yes. */
  readonly rateLimit?: boolean;
  /** Requests that may wait for messages at a time (waiting §1), 0 for none; absent: 10,000. */
  readonly maxWaiting?: number;
  /** Size of the message database at most, in bytes; absent: 10 GiB. */
  readonly maxStoreBytes?: number;
  /** See {@link SqliteStoreOptions.durability}. */
  readonly durability?: SqliteStoreOptions['durability'];
  /**
   * Time between two fetches of the directory, ms; absent: 1 minute, and 5 s while it does not list this node. A quarter more or less is drawn each time. After
   * a fetch that failed the next follows within a second.
   */
  readonly directoryInterval?: number;
  /** How often to look whether another node lacks messages, ms; absent: 5 s. */
  readonly deliveryInterval?: number;
  /** How often to compare messages with the other members of the swarm, ms; absent: 30 s. */
  readonly syncInterval?: number;
  /** Port of 127.0.0.1 where metrics are served, 0 for any free one; absent: nowhere. */
  readonly metricsPort?: number;
  /** Let users of the folder ask for the status at a socket in it; absent: no. */
  readonly control?: boolean;
  /** Unix milliseconds; absent: the system's clock. */
  readonly now?: () => number;
  /** Absent: JSON lines on standard error. */
  readonly log?: Log;
}

/** A node that runs. */
export interface RunningNode {
  /** Its public keys, 32 bytes each. */
  readonly keys: { readonly ed25519: Uint8Array; readonly x25519: Uint8Array };
  readonly httpsPort: number;
  readonly omqPort: number;
  /** Resolves when the node knows the directory; never, if it is closed before. */
  readonly ready: Promise<void>;
  /** Id of its swarm, hex; `null` while it is in none. */
  swarm(): string | null;
  /** `null` if metrics are not served. */
  readonly metricsPort: number | null;
  /** What an operator may know of it. Rejects with StoreFailure if the database cannot be read. */
  stats(): Promise<NodeStats>;
  /** The same with what only whoever runs it needs. */
  status(): Promise<NodeStatus>;
  /** Stops serving, answers what runs (at most 10 s), and resolves when nothing of the node runs any more. */
  close(): Promise<void>;
}
