import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseNetworkFile, serializeNetworkFile } from '@sotto/directory';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type NetworkPlan, prepareNetwork } from './network-folder.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sotto-places-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const prepare = (plan: Partial<NetworkPlan> = {}) =>
  prepareNetwork({
    folder,
    name: 'Places',
    nodes: 2,
    fileServers: 1,
    basePort: undefined,
    parameters: { swarmMin: 1, swarmIdeal: 1, swarmMargin: 0, relays: 1, join: 'listed', oneSite: true },
    now: 1,
    ...plan,
  });

test('file servers keep their keys and ports, and more are added when more are wanted', async () => {
  const first = await prepare();
  expect(first.networkFile.files).toEqual(first.fileServers.map(({ listed }) => listed));
  const second = await prepare({ fileServers: 2, nodes: 3 });
  expect(second.fileServers[0]).toEqual(first.fileServers[0]);
  expect(second.fileServers).toHaveLength(2);
  const ports = [...second.nodes.flatMap(({ httpsPort, omqPort }) => [httpsPort, omqPort]), second.authority.port];
  expect(new Set([...ports, ...second.fileServers.map(({ port }) => port)]).size).toBe(ports.length + 2);
  const third = await prepare({ fileServers: 0, nodes: undefined });
  expect(third.fileServers).toEqual(second.fileServers);
  expect(third.networkFile).toEqual(second.networkFile);
});

test('a network from before file servers gets one, and servers that somebody listed stay', async () => {
  const before = await prepare({ fileServers: 0 });
  expect(before.networkFile.files).toBeUndefined();
  const { networkFilePath } = before;
  const other = { url: 'https://files.example', key: before.nodes[0]!.keys.ed25519 };
  const file = parseNetworkFile(readFileSync(networkFilePath, 'utf8'));
  writeFileSync(networkFilePath, serializeNetworkFile({ ...file, files: [other] }));
  const after = await prepare();
  expect(after.networkFile.files).toEqual([other, after.fileServers[0]!.listed]);
  expect((await prepare()).networkFile).toEqual(after.networkFile);
});
