/**
 * What requests cost a node: `./sotto bench node [--case NAME …] [--connections N …] [--seconds S] [--durability D]
 * [--profile FOLDER]`.
 *
 * CPU time is that of all node processes together by the kernel's account, divided by the requests answered. It is also
 * given in units (one Ed25519 verification by OpenSSL, see `parts/unit.ts`) beside what the reference server needs, and as
 * the ratio to the bare cost of the cryptography and the disk (`parts/floor.ts`), all from the same run.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type LabNetwork, startNetwork } from '@sotto/lab';
import { type Floor, floorOf, measureFloor } from './parts/floor.ts';
import { CASES, type Case, type Measured, type Plan, type Target } from './parts/plan.ts';

const { values } = parseArgs({
  options: {
    case: { type: 'string', multiple: true },
    connections: { type: 'string', multiple: true, default: ['16', '64'] },
    seconds: { type: 'string', default: '3' },
    durability: { type: 'string', default: 'power-cut' },
    profile: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  },
});
const chosen = CASES.filter(({ name }) => values.case?.includes(name) ?? true);
if (values.help || chosen.length === 0) {
  console.log(`Cases: ${CASES.map(({ name }) => name).join(', ')}`);
  process.exit(values.help ? 0 : 2);
}
if (values.profile) process.env.NODE_OPTIONS = `--cpu-prof --cpu-prof-dir=${resolve(values.profile)}`;

const floor = measureFloor();
printFloor(floor);
console.log(
  '\ncase                                  conn   requests/s   CPU µs   units   reference   × floor   p50 ms   p99 ms   peak MiB',
);
for (const size of new Set(chosen.map(({ nodes }) => nodes))) {
  const folder = await mkdtemp(join(tmpdir(), 'sotto-bench-'));
  const network = await startNetwork({
    folder,
    nodes: size,
    parameters: { swarmMin: 1, swarmIdeal: 3 },
    nodeOptions: { rateLimit: false, durability: values.durability },
  });
  try {
    for (const each of chosen.filter(({ nodes }) => nodes === size)) {
      for (const connections of values.connections.map(Number)) {
        print(each, connections, await measure({ ...planOf(network), name: each.name, connections }));
      }
    }
  } finally {
    await network.close();
    await rm(folder, { recursive: true, force: true });
  }
}

function planOf({ nodes }: LabNetwork): Pick<Plan, 'seconds' | 'targets'> {
  const targets = nodes.map(({ pid, keys, httpsPort, omqPort, swarmId }): Target => {
    return { pid: pid!, ...keys, httpsPort, omqPort, swarmId: String(swarmId) };
  });
  return { seconds: Number(values.seconds), targets };
}

async function measure(plan: Plan): Promise<Measured> {
  // Without the profiler, which is for the nodes.
  const { NODE_OPTIONS: _options, ...env } = process.env;
  const load = fork(join(import.meta.dirname, 'parts/load.ts'), { env });
  load.send(plan);
  const [result] = await Promise.race([
    once(load, 'message'),
    once(load, 'exit').then(() => {
      throw new Error('the load generator failed');
    }),
  ]);
  return result as Measured;
}

function print({ name, title, reference }: Case, connections: number, measured: Measured): void {
  const { perSecond, cpuPerRequest, unit, median, p99, peakMemory } = measured;
  const columns = [
    title.padEnd(37),
    String(connections).padStart(4),
    perSecond.toFixed(0).padStart(12),
    cpuPerRequest.toFixed(0).padStart(8),
    (cpuPerRequest / unit).toFixed(2).padStart(7),
    reference.toFixed(2).padStart(11),
    (cpuPerRequest / floorOf(name, floor)).toFixed(1).padStart(9),
    median.toFixed(1).padStart(8),
    p99.toFixed(1).padStart(8),
    peakMemory.toFixed(0).padStart(10),
  ];
  console.log(columns.join(' '));
}

function printFloor({ tlsRecords, onionLayer, nodeFrame, verification, signature, insert }: Floor): void {
  const of = (cost: number) => `${cost.toFixed(0)} µs`;
  console.log(
    `bare cost (CPU): TLS records ${of(tlsRecords)}, onion layer ${of(onionLayer)}, frame between nodes ${of(nodeFrame)}, verification ${of(verification)}, signature ${of(signature)}, durable insert ${of(insert)}`,
  );
}
