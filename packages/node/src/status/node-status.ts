import { statfsSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { NodeStats } from '../stats/node-stats.ts';

/** What whoever runs a node may know about it: amounts, other nodes, and how it fares; never accounts or clients. */
export interface NodeStatus {
  /** Public keys, hex. */
  readonly ed25519: string;
  readonly x25519: string;
  readonly httpsPort: number;
  readonly omqPort: number;
  /** Why clients are not served (node-network §13); empty when they are. */
  readonly notReady: readonly string[];
  /** Id of its swarm, hex; `null` while it is in none. */
  readonly swarm: string | null;
  /** Other members of its swarm. */
  readonly swarmPeers: number;
  /** Nodes of the network, itself included. */
  readonly nodes: number;
  /** What it can do beyond the reference (waiting, sync). */
  readonly features: readonly string[];
  /** Requests that wait for messages. */
  readonly waiting: number;
  /** Since the start, by kind of failure; empty when the messages could always be read and kept. */
  readonly storeFailures: Readonly<Record<string, number>>;
  /** The statistics that an allowed key may ask for over OxenMQ; `null` while the database cannot be read. */
  readonly stats: NodeStats | null;
  /** Free on the disk that holds the messages, bytes; `null` if the system does not say. */
  readonly diskFree: number | null;
  readonly process: ProcessStatus;
}

/** What the process takes of the machine. */
export interface ProcessStatus {
  readonly residentBytes: number;
  /** Seconds since the start. */
  readonly cpuSeconds: number;
  /** ms that 99 of 100 turns of the event loop came late at most, since this was asked last. */
  readonly loopDelay: number;
}

/** Bytes free for this user on the disk of a folder; `null` if the system does not say. */
export function diskFree(folder: string): number | null {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch {
    return null;
  }
}

/** Watches the process until it is closed. */
export class ProcessWatch {
  readonly #delay = monitorEventLoopDelay({ resolution: 20 });

  constructor() {
    this.#delay.enable();
  }

  status(): ProcessStatus {
    const { userCPUTime, systemCPUTime } = process.resourceUsage();
    const loopDelay = Math.round(this.#delay.percentile(99) / 1e4) / 100;
    this.#delay.reset();
    return {
      residentBytes: process.memoryUsage.rss(),
      cpuSeconds: (userCPUTime + systemCPUTime) / 1e6,
      loopDelay,
    };
  }

  close(): void {
    this.#delay.disable();
  }
}
