/** What is measured, in the order of the table. */
export const CASES = [
  { name: 'info', title: 'info, one node', nodes: 1, reference: 0.35 },
  { name: 'store', title: 'store 1 KiB, one node', nodes: 1, reference: 2.13 },
  { name: 'retrieve', title: 'retrieve of one 1 KiB message', nodes: 1, reference: 2.19 },
  { name: 'retrieve-nothing', title: 'retrieve, nothing new', nodes: 1, reference: 2.05 },
  { name: 'omq-store', title: 'OxenMQ store 1 KiB, one node', nodes: 1, reference: 2.3 },
  { name: 'swarm-store', title: 'store into a swarm of 3 (all nodes)', nodes: 3, reference: 9.4 },
  { name: 'onion-info', title: 'onion, 3 relays, info (all nodes)', nodes: 9, reference: 7.0 },
  { name: 'onion-retrieve', title: 'onion, 3 relays, retrieve of 2 (all)', nodes: 9, reference: 9.3 },
  { name: 'onion-store', title: 'onion, 3 relays, store (all)', nodes: 9, reference: 16.2 },
] as const;

export type Case = (typeof CASES)[number];
export type CaseName = Case['name'];

/** A node that the load is for. */
export interface Target {
  readonly pid: number;
  readonly ed25519: string;
  readonly x25519: string;
  readonly httpsPort: number;
  readonly omqPort: number;
  /** Decimal. */
  readonly swarmId: string;
}

/** What the load generator is asked for. */
export interface Plan {
  readonly name: CaseName;
  readonly connections: number;
  readonly seconds: number;
  readonly targets: readonly Target[];
}

/** What it found; times of requests in ms, CPU time in µs, memory in MiB. */
export interface Measured {
  readonly perSecond: number;
  readonly cpuPerRequest: number;
  /** CPU time of one Ed25519 verification by OpenSSL, taken right before and after. */
  readonly unit: number;
  readonly median: number;
  readonly p99: number;
  readonly peakMemory: number;
}

/** How long load runs before it counts, ms: each node must have compiled its code, which takes some thousand requests. */
export function warmUpMs(nodes: number): number {
  return 1000 + 500 * nodes;
}
