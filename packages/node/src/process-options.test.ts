import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inviteText } from '@sotto/directory';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { NodeError } from './errors.ts';
import { parseProcessOptions } from './process-options.ts';

let folder: string;
let file: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sotto-options-'));
  file = join(folder, 'network.sotto');
  const authority = { key: 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a', urls: [] };
  const parameters = { swarmMin: 1, swarmIdeal: 1, relays: 3, join: 'listed' };
  const network = { sotto: 1, name: 'Test', created: 1, authorities: [authority], threshold: 1, parameters };
  writeFileSync(file, JSON.stringify(network));
});

afterAll(() => rmSync(folder, { recursive: true }));

const given = (changes: object = {}) => ({ folder: '/node', networkFile: file, httpsPort: 0, omqPort: 1, ...changes });

test('options are read, and the network file with them', () => {
  const options = parseProcessOptions(JSON.stringify(given({ rateLimit: false, logLevel: 'warn' })));
  expect(options).toMatchObject({ folder: '/node', httpsPort: 0, omqPort: 1, rateLimit: false, logLevel: 'warn' });
  expect(options.networkFile).toMatchObject({ name: 'Test', threshold: 1 });
});

test('a node that joins by itself says where it is', () => {
  const invite = new Uint8Array(91).fill(1);
  const join = { address: '127.0.0.1', invite: inviteText(invite), interval: 5 };
  const options = parseProcessOptions(JSON.stringify(given({ join })));
  expect(options.join).toEqual({ ...join, invite });
});

test('a node behind oxend needs no network file', () => {
  const oxend = { address: 'ipc:///run/oxend.sock', chain: 'testnet', seeds: [], forceStart: true };
  const { networkFile: _, ...rest } = given({ oxend });
  expect(parseProcessOptions(JSON.stringify(rest))).toEqual({ folder: '/node', httpsPort: 0, omqPort: 1, oxend });
});

test.each([
  ['rubbish', /they are not JSON/],
  ['[]', /they are not an object/],
  [{ folder: '/x' }, /httpsPort is missing/],
  [{ colour: 1 }, /colour is not known/],
  [{ httpsPort: 70_000 }, /httpsPort must be a port number/],
  [{ logLevel: 'loud' }, /logLevel must be debug/],
  [{ durability: 'none' }, /durability must be/],
  [{ maxStoreBytes: 0 }, /maxStoreBytes must be a positive integer/],
  [{ rateLimit: 1 }, /rateLimit must be true or false/],
  [{ oxend: {} }, /oxend must be an object with the address/],
  [{ oxend: { address: 'ipc:///a', chain: 'other' } }, /oxend must be/],
  [{ oxend: { address: 'ipc:///a', seeds: [1] } }, /oxend must be/],
  [{ oxend: { address: 'ipc:///a', colour: 1 } }, /oxend must be/],
  [{ statsKeys: ['00'] }, /statsKeys must be/],
  [{ join: {} }, /join must be an object with the address/],
  [{ join: { address: 'here' } }, /join must be/],
  [{ join: { address: '127.0.0.1', interval: 0 } }, /join must be/],
  [{ join: { address: '127.0.0.1', colour: 1 } }, /join must be/],
  [{ join: { address: '127.0.0.1', invite: 'please' } }, /not an invite code/],
  [{ networkFile: '/nowhere' }, /\/nowhere cannot be used: ENOENT/],
])('%j is refused with one sentence', (wrong, sentence) => {
  const needsRest = typeof wrong === 'object' && !('folder' in wrong);
  const line = typeof wrong === 'string' ? wrong : JSON.stringify(needsRest ? given(wrong) : wrong);
  expect(() => parseProcessOptions(line)).toThrowError(sentence);
});

test('nothing but NodeError is thrown', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (line) => {
      try {
        parseProcessOptions(line);
      } catch (error) {
        expect(error).toBeInstanceOf(NodeError);
      }
    }),
  );
});
