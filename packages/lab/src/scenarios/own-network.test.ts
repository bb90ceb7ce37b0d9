import { join } from 'node:path';
import { createProfile, type Engine } from '@sotto/client';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { OwnNetwork } from '../testing/own-network.ts';

const PATIENCE = { timeout: 60_000, interval: 200 };
const polling = { idleMs: 500, activeMs: 200 };

const network = new OwnNetwork({ authorities: 3, threshold: 2, nodes: 8, roundLength: 2000 });
const engines: Engine[] = [];
const listedAt = async (authority: number) => (await network.directoryAt(network.authorityUrl(authority))).nodes;

beforeAll(() => network.open());

afterAll(async () => {
  await Promise.all(engines.map((engine) => engine.close()));
  await network.close();
});

test('nodes join with invites of any authority, and are listed once most authorities reach them', async () => {
  for (let index = 0; index < 6; index += 2) {
    await Promise.all([index, index + 1].map((each) => network.startNode(each, network.invite(each % 3))));
  }
  await vi.waitFor(async () => {
    for (const authority of [0, 1, 2]) expect(await listedAt(authority)).toHaveLength(6);
  }, PATIENCE);
  const { signers, nodes: listed } = await network.directoryAt(network.authorityUrl(0));
  expect(signers.length).toBeGreaterThanOrEqual(2);
  const places = network.places.slice(0, 6);
  expect(listed.map(({ ip, httpsPort }) => `${ip}:${httpsPort}`).sort()).toEqual(
    places.map(({ address, httpsPort }) => `${address}:${httpsPort}`).sort(),
  );
});

test('an invite that another node has used lets nobody in', async () => {
  const code = network.invite();
  await network.startNode(6, code);
  await vi.waitFor(async () => expect(await listedAt(1)).toHaveLength(7), PATIENCE);
  await network.startNode(7, code);
  const { epoch } = await network.directoryAt(network.authorityUrl(1));
  await vi.waitFor(
    async () => expect((await network.directoryAt(network.authorityUrl(1))).epoch).toBeGreaterThan(epoch + 2),
    PATIENCE,
  );
  expect((await listedAt(1)).map(({ httpsPort }) => httpsPort)).not.toContain(network.places[7]!.httpsPort);
});

test('when one authority dies the others go on, and drop a node that is gone', async () => {
  await network.stop(network.authorities, 2, 'SIGKILL');
  await network.stop(network.nodes, 6, 'SIGKILL');
  await vi.waitFor(async () => {
    const { nodes: listed, signers } = await network.directoryAt(network.authorityUrl(0));
    expect([listed.length, signers.length]).toEqual([6, 2]);
  }, PATIENCE);
  await network.startAuthority(2);
  await vi.waitFor(
    async () => expect((await network.directoryAt(network.authorityUrl(2))).signers).toHaveLength(3),
    PATIENCE,
  );
});

test('with every authority off, newcomers join at a mirror and write to each other', async () => {
  await Promise.all([0, 1, 2].map((index) => network.stop(network.authorities, index)));
  const profile = (name: string) =>
    createProfile({ folder: join(network.folder, name), network: network.file, name, polling });
  const ada = await profile('Ada');
  engines.push(ada);
  const ben = await profile('Ben');
  engines.push(ben);
  await vi.waitFor(() => expect(ada.route().relays.length).toBeGreaterThan(0), PATIENCE);
  const { accountId } = ben.account();
  ada.openConversation(accountId);
  ada.send(accountId, 'Are you there?');
  await vi.waitFor(() => {
    const texts = ben.messages(ada.account().accountId, { limit: 10 }).messages.map(({ body }) => body);
    expect(texts).toEqual(['Are you there?']);
  }, PATIENCE);
});
