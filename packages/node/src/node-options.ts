import type { NetworkFile } from '@sotto/directory';
import type { Log, LogLevel } from './log.ts';
import type { SqliteStoreOptions } from './store/sqlite-store.ts';

/** How a node is started. */
export interface NodeOptions {
  /** Where keys, certificate, directory and messages are kept; made if it is missing. */
  readonly folder: string;
  readonly networkFile: NetworkFile;
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
  /** Size of the message database at most, in bytes; absent: 10 GiB. */
  readonly maxStoreBytes?: number;
  /** See {@link SqliteStoreOptions.durability}. */
  readonly durability?: SqliteStoreOptions['durability'];
  /**
   * Time between two fetches of the directory, ms; absent: 5 minutes. A quarter more or less is drawn each time. After
   * a fetch that failed the next follows within a second.
   */
  readonly directoryInterval?: number;
  /** How often to look whether another node lacks messages, ms; absent: 5 s. */
  readonly deliveryInterval?: number;
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
  /** Stops serving, answers what runs (at most 10 s), and resolves when nothing of the node runs any more. */
  close(): Promise<void>;
}
