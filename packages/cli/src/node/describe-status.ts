import type { NodeStatus } from '@sotto/node';

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
const KEY_SHOWN = 12;

/** A node's status as a table for people. `now`: Unix ms. */
export function describeStatus(status: NodeStatus, now: number): string {
  const { stats } = status;
  const count = (name: string) => Number(stats?.[name] ?? 0);
  const rows: readonly (readonly [string, string])[] = [
    ['State', status.notReady.length === 0 ? 'serves' : `does not serve: ${status.notReady.join('; ')}`],
    ['Key', status.ed25519],
    ['Ports', `${status.httpsPort} for clients, ${status.omqPort} for other nodes`],
    ['Version', stats?.version ?? 'unknown'],
    ['Running for', stats ? duration(count('uptime') * 1000) : 'unknown'],
    ['Swarm', status.swarm === null ? 'none: not listed yet' : `${status.swarm}, with ${status.swarmPeers} others`],
    ['Network', `${status.nodes} nodes, list number ${stats?.height ?? 'unknown'}`],
    ['Features', status.features.join(', ') || 'none'],
    ...messageRows(status),
    ['Requests', requests(count, 'total')],
    ['  last hour', requests(count, 'recent')],
    ['Waiting', `${status.waiting} requests`],
    ['Tested by others', testedBy(stats?.tested_by ?? {})],
    ['Memory', `${size(status.process.residentBytes)}, ${status.process.cpuSeconds.toFixed(0)} s of processor time`],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  const table = rows.map(([name, value]) => `${name.padEnd(width)}  ${value}\n`).join('');
  return table + peerTable(status, now);
}

function messageRows({ stats, diskFree, storeFailures }: NodeStatus): (readonly [string, string])[] {
  const free = diskFree === null ? '' : `; ${size(diskFree)} free on the disk`;
  const failures = Object.entries(storeFailures).map(([code, times]) => `${code} ${times} times`);
  return [
    ['Messages', stats ? String(stats.total_stored) : 'cannot be read: see the log'],
    ['Disk', stats ? `${size(stats.db_used)} of ${size(stats.db_max)} used${free}` : `unknown${free}`],
    ...(failures.length > 0 ? [['Store failures', failures.join(', ')] as const] : []),
  ];
}

function peerTable({ stats }: NodeStatus, now: number): string {
  const peers = Object.entries(stats?.peers ?? {});
  if (peers.length === 0) return '';
  const lines = peers.map(([key, { reachability, requests_failed, pushes_failed }]) => {
    const tests = reachability ? `${reachability.passed} of ${reachability.tested} tests passed` : 'not tested yet';
    const failing = reachability?.failingSince ? `, fails for ${duration(now - reachability.failingSince)}` : '';
    const lost = requests_failed + pushes_failed;
    return `  ${key.slice(0, KEY_SHOWN)}…  ${tests}${failing}${lost > 0 ? `, ${lost} requests not answered` : ''}\n`;
  });
  return `Other nodes\n${lines.join('')}`;
}

function requests(count: (name: string) => number, span: 'total' | 'recent'): string {
  const of = (kind: string) => count(`${span}_${kind}_requests`);
  return `${of('store')} store, ${of('retrieve')} retrieve, ${of('onion')} onion, ${of('proxy')} to servers`;
}

function testedBy(ages: Readonly<Record<string, number>>): string {
  const names: Readonly<Record<string, string>> = { https: 'HTTPS', omq: 'OxenMQ', quic: 'QUIC' };
  const parts = Object.entries(ages).map(([kind, age]) => `${names[kind] ?? kind} ${duration(age)} ago`);
  return parts.join(', ') || 'unknown';
}

function size(bytes: number): string {
  const power = Math.min(UNITS.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(bytes, 1)) / 10)));
  return `${(bytes / 1024 ** power).toFixed(power === 0 ? 0 : 1)} ${UNITS[power]}`;
}

function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
  return `${Math.floor(seconds / 86_400)} d ${Math.floor((seconds % 86_400) / 3600)} h`;
}
