import type { IncomingMessage } from 'node:http';
import {
  composeDirectory,
  DIRECTORY_PATH,
  DirectoryStore,
  directoryDigest,
  networkId,
  signDirectory,
} from '@sotto/directory';
import { expect, test } from 'vitest';
import { authorityRoutes, type RouteTargets } from './routes.ts';
import { CREATED, sampleFile, sampleKeys, sampleNode } from './testing/sample.ts';

const keys = sampleKeys(1);
const file = sampleFile(keys, 1);
const tag = (bytes: Uint8Array) => `"${directoryDigest(bytes)}"`;

test('who has the directory of an authority already is shown the one that contradicts it, if the next one follows that', async () => {
  const nodes = Array.from({ length: 9 }, (_, index) => sampleNode(index));
  const common = { networkId: networkId(file), previous: null, parameters: file.parameters, now: CREATED };
  const both = [nodes, nodes.slice(1)].map((each) => signDirectory(composeDirectory({ ...common, nodes: each }), keys));
  const shown: string[][] = [];
  for (const [first, second] of [both, both.toReversed()] as [Uint8Array, Uint8Array][]) {
    const store = await DirectoryStore.open({ networkFile: file, now: () => CREATED });
    const route = authorityRoutes({ store } as RouteTargets)[`GET ${DIRECTORY_PATH}`]!;
    const ask = async (known?: string) => {
      const { status, body } = await route.answer(Buffer.alloc(0), {
        headers: { 'if-none-match': known },
      } as IncomingMessage);
      return status === 200 ? tag(new Uint8Array(body as Uint8Array)) : status;
    };
    await store.offer(first);
    expect(await ask(tag(first))).toBe(304);
    await expect(store.offer(second)).rejects.toThrow();
    expect([await ask(), await ask(tag(second))]).toEqual([tag(first), tag(first)]);
    const next = store.basis()!.bytes;
    expect(await ask(tag(first))).toBe(next === store.accepted()!.bytes ? 304 : tag(second));
    shown.push([tag(next)]);
  }
  expect(shown[0]).toEqual(shown[1]);
});
