import { Counter, Gauge, Registry } from 'prom-client';
import type { NodeStatus } from '../status/node-status.ts';

type Labels = Readonly<Record<string, string>>;

/** One measurement: a number, or one for each set of labels. */
type Value = number | readonly (readonly [Labels, number])[];

interface Metric {
  readonly help: string;
  /** Counters only grow while the process runs. */
  readonly kind: 'gauge' | 'counter';
  readonly labels?: readonly string[];
  /** `null`: not known now. */
  read(status: NodeStatus): Value | null;
}

const REQUEST_KINDS = ['store', 'retrieve', 'onion', 'proxy'] as const;

/** Every metric of a node. They hold amounts only: no label tells an account, an address, or another node. */
const METRICS: Readonly<Record<string, Metric>> = {
  sotto_node_up_seconds: gauge('Seconds since the start', ({ stats }) => numberIn(stats?.uptime)),
  sotto_node_ready: gauge('1 while clients are served', ({ notReady }) => (notReady.length === 0 ? 1 : 0)),
  sotto_node_in_swarm: gauge('1 while the node is listed in a swarm', ({ swarm }) => (swarm === null ? 0 : 1)),
  sotto_node_swarm_peers: gauge('Other members of its swarm', ({ swarmPeers }) => swarmPeers),
  sotto_node_network_nodes: gauge('Nodes of the network', ({ nodes }) => nodes),
  sotto_node_height: gauge('Number of the directory, or height of the chain', ({ stats }) => numberIn(stats?.height)),
  sotto_node_requests_total: {
    kind: 'counter',
    help: 'Requests of clients',
    labels: ['kind'],
    read: ({ stats }) =>
      stats && REQUEST_KINDS.map((kind) => [{ kind }, numberIn(stats[`total_${kind}_requests`]) ?? 0] as const),
  },
  sotto_node_waiting: gauge('Requests that wait for messages', ({ waiting }) => waiting),
  sotto_node_messages: gauge('Messages that are kept', ({ stats }) => stats?.total_stored ?? null),
  sotto_node_database_used_bytes: gauge('Used in the database of messages', ({ stats }) => stats?.db_used ?? null),
  sotto_node_database_limit_bytes: gauge('What the database may use at most', ({ stats }) => stats?.db_max ?? null),
  sotto_node_disk_free_bytes: gauge('Free on the disk of the messages', ({ diskFree }) => diskFree),
  sotto_node_store_failures_total: {
    kind: 'counter',
    help: 'Times that messages could not be read or kept',
    labels: ['code'],
    read: ({ storeFailures }) => Object.entries(storeFailures).map(([code, times]) => [{ code }, times] as const),
  },
  sotto_node_peers_tested: gauge('Other nodes that were tested', ({ stats }) => stats && testedPeers(stats).length),
  sotto_node_peers_failing: gauge(
    'Other nodes that failed their last test',
    ({ stats }) => stats && testedPeers(stats).filter(({ failingSince }) => failingSince !== null).length,
  ),
  sotto_node_peer_failures_total: {
    kind: 'counter',
    help: 'What other nodes did not answer',
    labels: ['kind'],
    read: ({ stats }) => {
      if (!stats) return null;
      const peers = Object.values(stats.peers);
      const sum = (name: 'requests_failed' | 'pushes_failed') => peers.reduce((total, peer) => total + peer[name], 0);
      return [
        [{ kind: 'request' }, sum('requests_failed')],
        [{ kind: 'push' }, sum('pushes_failed')],
      ];
    },
  },
  sotto_node_seconds_since_tested: {
    kind: 'gauge',
    help: 'Seconds since another node tested this one',
    labels: ['kind'],
    read: ({ stats }) => stats && Object.entries(stats.tested_by).map(([kind, age]) => [{ kind }, age / 1000] as const),
  },
  sotto_node_resident_bytes: gauge('Memory of the process', ({ process }) => process.residentBytes),
  sotto_node_cpu_seconds_total: {
    kind: 'counter',
    help: 'Processor time of the process',
    read: ({ process }) => process.cpuSeconds,
  },
  sotto_node_loop_delay_seconds: gauge(
    'How late 99 of 100 turns of the event loop came at most, since this was read last',
    ({ process }) => process.loopDelay / 1000,
  ),
};

/** Names of all metrics. */
export const METRIC_NAMES: readonly string[] = Object.keys(METRICS);

/** The metrics in the text format of Prometheus, and its media type. */
export async function renderMetrics(status: NodeStatus): Promise<{ readonly type: string; readonly text: string }> {
  const registry = new Registry();
  for (const [name, { help, kind, labels = [], read }] of Object.entries(METRICS)) {
    const value = read(status);
    if (value === null) continue;
    const options = { name, help, labelNames: [...labels], registers: [registry] };
    const metric = kind === 'gauge' ? new Gauge(options) : new Counter(options);
    for (const [given, number] of typeof value === 'number' ? [[{}, value] as const] : value) metric.inc(given, number);
  }
  return { type: registry.contentType, text: await registry.metrics() };
}

function gauge(help: string, read: (status: NodeStatus) => number | null): Metric {
  return { kind: 'gauge', help, read };
}

function numberIn(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}

function testedPeers({ peers }: NonNullable<NodeStatus['stats']>) {
  return Object.values(peers).flatMap(({ reachability }) => (reachability ? [reachability] : []));
}
