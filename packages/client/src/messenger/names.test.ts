import { batchOf, buildOxendRequest } from '@sotto/wire/rpc';
import { expect, test } from 'vitest';
import type { NameNodes } from '../network/name-lookup.ts';
import { lookUpName } from './names.ts';

const signal = new AbortController().signal;
const nobody: NameNodes = { askAtRandom: async () => [null, null, null] };
const without: NameNodes = {
  askAtRandom: async (count, request) => {
    expect(request).toMatchObject(batchOf('batch', [buildOxendRequest('ons_resolve', expect.anything())]));
    const body = { results: [{ code: 400, body: 'Names (ONS) are not available on this network' }] };
    return Array.from({ length: count }, () => ({ code: 200, body }));
  },
};

test.each([
  ['no name', nobody, signal, 'bad-name'],
  ['alice', nobody, signal, 'network-unreachable'],
  ['alice', without, signal, 'no-names'],
  ['alice', nobody, AbortSignal.abort(), 'closed'],
] as const)('"%s" fails with a word for people', async (name, nodes, stopped, code) => {
  await expect(lookUpName(name, nodes, stopped)).rejects.toMatchObject({ name: 'EngineError', code });
});
