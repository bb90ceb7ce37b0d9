import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createLog } from '../log.ts';
import { METRIC_NAMES, renderMetrics } from '../metrics/node-metrics.ts';
import { TestNetwork } from '../testing/test-network.ts';
import { askControl, serveControl } from './control-socket.ts';
import type { NodeStatus } from './node-status.ts';

let folder: string;
let network: TestNetwork | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sotto-status-'));
});

afterEach(async () => {
  await network?.close();
  network = undefined;
  rmSync(folder, { recursive: true, force: true });
});

async function get(port: number, path: string, host = `127.0.0.1:${port}`, method = 'GET') {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; body: string }>();
  const sent = request({ host: '127.0.0.1', port, path, method, headers: { host } }, (response) => {
    text(response).then((body) => resolve({ status: response.statusCode!, body }), reject);
  });
  sent.on('error', reject).end();
  return promise;
}

test('a running node tells the user of its folder how it fares, and Prometheus on loopback', async () => {
  network = await TestNetwork.start(2, { metricsPort: 0, control: true });
  await network.publish();
  const [node] = network.nodes;
  const status = (await askControl(join(network.folder, '0')))!;
  expect(status).toMatchObject({
    ed25519: Buffer.from(node!.keys.ed25519).toString('hex'),
    httpsPort: node!.httpsPort,
    notReady: [],
    swarm: node!.swarm(),
    swarmPeers: 1,
    nodes: 2,
    features: ['wait', 'sync'],
    storeFailures: {},
    stats: { total_stored: 0 },
  });
  expect(status.diskFree).toBeGreaterThan(0);
  expect(status.process.residentBytes).toBeGreaterThan(1e6);
  const { body } = await get(node!.metricsPort!, '/metrics');
  expect(body).toContain('sotto_node_in_swarm 1\n');
  expect(body).toContain('sotto_node_requests_total{kind="store"} 0\n');
  expect((await get(node!.metricsPort!, '/')).status).toBe(404);
  expect((await get(node!.metricsPort!, '/metrics', undefined, 'POST')).status).toBe(404);
  // A page of a browser that was led here by a name of its own.
  expect((await get(node!.metricsPort!, '/metrics', 'elsewhere.example')).status).toBe(404);
});

const status: NodeStatus = {
  ed25519: 'aa',
  x25519: 'bb',
  httpsPort: 1,
  omqPort: 2,
  notReady: [],
  swarm: '5',
  swarmPeers: 3,
  nodes: 10,
  features: [],
  waiting: 0,
  storeFailures: { full: 3 },
  stats: {
    version: '2.11.3',
    height: 7,
    target_height: 7,
    uptime: 60,
    total_store_requests: 4,
    peers: {
      cc: {
        requests_failed: 2,
        pushes_failed: 1,
        storage_tests: [],
        reachability: { tested: 2, passed: 1, lastAt: 1, failingSince: 1 },
      },
    },
    tested_by: { https: 1500 },
    total_stored: 9,
    db_used: 100,
    db_max: 1000,
  },
  diskFree: 5,
  process: { residentBytes: 1, cpuSeconds: 2, loopDelay: 3 },
};

test('metrics hold amounts, and none of the keys that the status names', async () => {
  const { text: full } = await renderMetrics(status);
  for (const name of METRIC_NAMES) expect(full).toContain(`\n${name}`);
  expect(full).toContain('sotto_node_requests_total{kind="store"} 4\n');
  expect(full).toContain('sotto_node_peers_failing 1\n');
  expect(full).toContain('sotto_node_peer_failures_total{kind="request"} 2\n');
  expect(full).toContain('sotto_node_store_failures_total{code="full"} 3\n');
  expect(full).toContain('sotto_node_seconds_since_tested{kind="https"} 1.5\n');
  expect(full).not.toMatch(/aa|bb|cc/);
  const { text: broken } = await renderMetrics({ ...status, stats: null, diskFree: null });
  expect(broken).not.toContain('\nsotto_node_messages ');
  expect(broken).toContain('\nsotto_node_ready 1\n');
});

test('the dashboard shows the metrics that there are, and all of them', () => {
  const deploy = join(import.meta.dirname, '../../../../deploy/grafana');
  const files = readdirSync(deploy).filter((name) => name.endsWith('.json'));
  expect(files).toContain('sotto-node.json');
  const dashboard = readFileSync(join(deploy, 'sotto-node.json'), 'utf8');
  const used = new Set(dashboard.match(/sotto_node_[a-z_]+/g));
  expect([...used].sort()).toEqual([...METRIC_NAMES].sort());
});

test('the socket is for the owner only, outlives a killed node, and is gone with a stopped one', async () => {
  const path = join(folder, 'control.sock');
  writeFileSync(path, 'left behind');
  const log = createLog('silent');
  const close = await serveControl(folder, async () => status, log);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(await askControl(folder)).toEqual(status);
  // One that stays and says things holds nothing up.
  const lingering = connect({ path, allowHalfOpen: true });
  lingering.on('error', () => {}).write('x'.repeat(100_000));
  await text(lingering);
  await close();
  lingering.destroy();
  expect(await askControl(folder)).toBeNull();
});

test('a folder whose path is too long for a socket, and a status that fails, hold nothing up', async () => {
  const lines: string[] = [];
  const log = createLog('info', (line) => lines.push(line));
  const close = await serveControl(join(folder, 'x'.repeat(120)), async () => status, log);
  expect(JSON.parse(lines[0]!)).toMatchObject({ code: 'control' });
  await close();
  const closeOther = await serveControl(folder, () => Promise.reject(new Error('broken')), log);
  expect(await askControl(folder)).toBeNull();
  await closeOther();
});
