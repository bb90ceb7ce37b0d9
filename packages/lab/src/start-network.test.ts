import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { httpsFetcher, parseNetworkFile } from '@sotto/directory';
import { NO_SWARM } from '@sotto/wire/swarm';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { NetworkEvent } from './events.ts';
import { type LabNetwork, type NetworkOptions, startNetwork } from './start-network.ts';
import { writeProgram } from './testing/programs.ts';

const fakeNode = fileURLToPath(new URL('./testing/fake-node.ts', import.meta.url));
const never = new AbortController().signal;

let folder: string;
let events: NetworkEvent[];
const networks: LabNetwork[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sotto-lab-'));
  events = [];
});

afterEach(async () => {
  for (const network of networks.splice(0)) await network.close();
  rmSync(folder, { recursive: true, force: true });
});

async function start(options: Partial<NetworkOptions> = {}): Promise<LabNetwork> {
  const log = (event: NetworkEvent) => events.push(event);
  const network = await startNetwork({ folder, nodes: 3, nodeProgram: fakeNode, log, ...options });
  networks.push(network);
  return network;
}

const close = () => networks.pop()?.close();
const served = (port: number) => httpsFetcher(`https://127.0.0.1:${port}`)(null, never);
const describeNodes = ({ nodes }: LabNetwork) =>
  nodes.map(({ keys, httpsPort, omqPort, swarmId }) => ({ keys, httpsPort, omqPort, swarmId }));
const isRunning = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

test('a network is up when every node serves its directory, and down when it is closed', async () => {
  const network = await start({ name: 'Field Desk' });
  expect(network.networkFilePath).toBe(join(folder, 'field-desk.sotto'));
  expect(parseNetworkFile(readFileSync(network.networkFilePath, 'utf8'))).toEqual(network.networkFile);
  expect(network.networkFile).toMatchObject({ name: 'Field Desk', threshold: 1, seeds: [network.seedUrl] });
  const published = network.directory.accepted()!.bytes;
  expect(await httpsFetcher(network.seedUrl)(null, never)).toEqual(published);
  for (const node of network.nodes) {
    expect(node.swarmId).not.toBe(NO_SWARM);
    expect(await served(node.httpsPort)).toEqual(published);
  }
  const ports = network.nodes.flatMap(({ httpsPort, omqPort }) => [httpsPort, omqPort]);
  expect(new Set(ports).size).toBe(6);
  const pids = network.nodes.map(({ pid }) => pid!);
  expect(pids.every(isRunning)).toBe(true);
  await close();
  expect(pids.some(isRunning)).toBe(false);
  expect(network.nodes.map(({ pid }) => pid)).toEqual([null, null, null]);
  await expect(httpsFetcher(network.seedUrl)(null, never)).rejects.toThrow();
  expect(events.map(({ event }) => event)).toEqual(['node-ready', 'node-ready', 'node-ready']);
});

test('nine nodes make three swarms', async () => {
  const network = await start({ nodes: 9 });
  const swarms = Map.groupBy(network.nodes, ({ swarmId }) => swarmId);
  expect([...swarms.values()].map((members) => members.length)).toEqual([3, 3, 3]);
}, 60_000);

test('keys and the folder of the network are for their owner alone', async () => {
  const inner = join(folder, 'new', 'network');
  await start({ folder: inner, nodes: 1 });
  for (const path of [inner, join(inner, 'nodes/01')]) expect(statSync(path).mode & 0o077).toBe(0);
  for (const path of ['authority/authority.key', 'nodes/01/node.seed', 'nodes/01/certificate.pem']) {
    expect(statSync(join(inner, path)).mode & 0o077).toBe(0);
  }
});

describe('a second start', () => {
  test('finds the same nodes, keys, ports and swarms, and a later epoch', async () => {
    const before = await start();
    await close();
    const again = await start({ nodes: undefined, name: 'Ignored', basePort: 1 });
    expect(describeNodes(again)).toEqual(describeNodes(before));
    expect(again.networkFile).toEqual(before.networkFile);
    expect(again.directory.current()?.epoch).toBe(2);
  });

  test('may add nodes, and refuses to leave some out', async () => {
    const before = await start({ nodes: 2 });
    await close();
    const more = await start({ nodes: 3 });
    expect(more.nodes.slice(0, 2).map(({ keys }) => keys)).toEqual(before.nodes.map(({ keys }) => keys));
    expect(more.directory.current()?.nodes).toHaveLength(3);
    await close();
    await expect(start({ nodes: 2 })).rejects.toThrow('has 3 nodes');
  });

  test('says which port is taken', async () => {
    const { nodes } = await start({ nodes: 1 });
    await close();
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(nodes[0]!.omqPort, '127.0.0.1', resolve));
    await expect(start({ nodes: 1 })).rejects.toThrow(`port ${nodes[0]!.omqPort} of 127.0.0.1`);
    other.close();
  });

  test('takes up a start that was interrupted before the network was complete', async () => {
    const before = await start({ nodes: 1 });
    await close();
    for (const late of ['network.json', 'authority/directory.json', 'nodes/01/certificate.pem'])
      rmSync(join(folder, late));
    const again = await start({ nodes: 1 });
    expect(again.nodes[0]!.keys).toEqual(before.nodes[0]!.keys);
  });

  test('says when the network file is gone', async () => {
    const { networkFilePath } = await start({ nodes: 1 });
    await close();
    rmSync(networkFilePath);
    await expect(start({ nodes: 1 })).rejects.toMatchObject({
      code: 'folder',
      message: expect.stringContaining('.sotto'),
    });
  });

  test('does not touch a damaged network', async () => {
    mkdirSync(join(folder, 'nodes/01'), { recursive: true });
    writeFileSync(join(folder, 'nodes/01/node.seed'), 'short', { mode: 0o600 });
    await expect(start()).rejects.toMatchObject({ code: 'folder', message: expect.stringContaining('damaged') });
    writeFileSync(join(folder, 'network.json'), '{}');
    await expect(start()).rejects.toThrow('damaged');
    expect(readFileSync(join(folder, 'network.json'), 'utf8')).toBe('{}');
  });
});

test('ports follow the base port', async () => {
  const { nodes } = await start({ nodes: 1 });
  await close();
  const other = join(folder, 'other');
  const { networkFile } = await start({ folder: other, nodes: 1, basePort: nodes[0]!.httpsPort });
  expect(networkFile.seeds).toEqual([`https://127.0.0.1:${nodes[0]!.httpsPort}`]);
});

describe('a node', () => {
  test('can be killed and restarted', async () => {
    const { nodes } = await start({ nodes: 2, restart: true });
    const [node] = nodes;
    const pid = node!.pid!;
    await node!.kill();
    expect([node!.pid, isRunning(pid)]).toEqual([null, false]);
    await expect(served(node!.httpsPort)).rejects.toThrow();
    await node!.restart();
    expect(node!.pid).not.toBe(pid);
    expect(await served(node!.httpsPort)).toBeTruthy();
    await node!.restart();
    expect(await served(node!.httpsPort)).toBeTruthy();
  });

  test('that ends unasked is reported and, where that is wanted, started again', async () => {
    const { nodes } = await start({ nodes: 1, restart: true });
    process.kill(nodes[0]!.pid!, 'SIGKILL');
    await vi.waitFor(() => expect(events).toHaveLength(4), 10_000);
    expect(events).toMatchObject([
      { event: 'node-ready', node: 0 },
      { event: 'node-exited', node: 0, code: null, signal: 'SIGKILL' },
      { event: 'node-restarting', node: 0, delay: 500 },
      { event: 'node-ready', node: 0 },
    ]);
  });
});

describe('a start that fails', () => {
  test('says which node and why, and leaves nothing running', async () => {
    const attempt = start({ nodeProgram: writeProgram(folder, 'refusing') });
    await expect(attempt).rejects.toThrow(/Node [12] did not start: The port is taken\./);
    // All ports are free again, so nothing of it runs.
    await start();
  });

  test('because nobody serves the directory', async () => {
    const attempt = start({
      nodes: 1,
      nodeProgram: writeProgram(folder, 'stubborn'),
      startTimeout: 500,
      stopTimeout: 50,
    });
    await expect(attempt).rejects.toThrow('Node 1 did not start: did not learn the directory');
  });

  test('because it is stopped', async () => {
    const stopping = new AbortController();
    const starting = start({ nodeProgram: writeProgram(folder, 'silent'), signal: stopping.signal });
    setImmediate(() => stopping.abort(new Error('enough')));
    await expect(starting).rejects.toThrow('enough');
    await expect(start({ signal: stopping.signal })).rejects.toThrow('enough');
  });

  test.each([0, 101, 1.5])('because a network cannot have %s nodes', async (nodes) => {
    await expect(start({ nodes })).rejects.toThrow('1 to 100 nodes');
    expect(readdirSync(folder)).toEqual([]);
  });

  test('because the folder cannot be made', async () => {
    writeFileSync(join(folder, 'file'), '');
    await expect(start({ folder: join(folder, 'file', 'network') })).rejects.toMatchObject({ code: 'folder' });
  });
});

test('an abort closes a running network', async () => {
  const stopping = new AbortController();
  const network = await start({ nodes: 1, signal: stopping.signal });
  const pid = network.nodes[0]!.pid!;
  stopping.abort();
  await vi.waitFor(() => expect(isRunning(pid)).toBe(false), 5_000);
});

test('a round out of turn gives a new directory', async () => {
  const network = await start({ nodes: 1 });
  await network.publish();
  expect(network.directory.current()?.epoch).toBe(2);
});
