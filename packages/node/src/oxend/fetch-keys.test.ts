import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseOxendAddress } from '@sotto/directory';
import { bytesToHex } from '@sotto/wire/bytes';
import { deriveNodeKeys } from '@sotto/wire/nodes';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createLog } from '../log.ts';
import { ForeignOxend } from '../testing/foreign-oxend.ts';
import { fetchNodeKeys } from './fetch-keys.ts';

const own = deriveNodeKeys(new Uint8Array(32).fill(6));

let folder: string;
let lines: string[];
const log = createLog('info', (line) => lines.push(JSON.parse(line).msg));

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sotto-keys-'));
  lines = [];
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

test('the keys come from oxend, as soon as it is a service node', async () => {
  let isServiceNode = false;
  const address = `ipc://${folder}/oxend.sock`;
  const daemon = await ForeignOxend.listen(address, (command) => {
    expect(command).toBe('admin.get_service_node_privkey');
    const secrets = {
      service_node_privkey: bytesToHex(own.legacy.secretKey),
      service_node_ed25519_privkey: bytesToHex(own.ed25519.secretKey),
      service_node_x25519_privkey: bytesToHex(own.x25519.secretKey),
      status: 'OK',
    };
    const answer = isServiceNode ? secrets : { status: 'OK', service_node_privkey: '' };
    isServiceNode = true;
    return ['200', JSON.stringify(answer)];
  });
  const keys = await fetchNodeKeys(parseOxendAddress(address), log, new AbortController().signal, 10);
  await daemon.close();
  expect(bytesToHex(keys.ed25519.publicKey)).toBe(bytesToHex(own.ed25519.publicKey));
  expect(bytesToHex(keys.legacy.publicKey)).toBe(bytesToHex(own.legacy.publicKey));
  expect(lines).toEqual([
    "Waiting for the node's keys from oxend: the chain daemon (oxend) does not run as a service node.",
  ]);
});

test('who stops the wait is told so, and warned of a link that others can read', async () => {
  const plain = fetchNodeKeys(parseOxendAddress('tcp://192.0.2.1:1'), log, AbortSignal.abort());
  await expect(plain).rejects.toThrowError(expect.objectContaining({ code: 'keys' }));
  expect(lines).toEqual([expect.stringContaining('not encrypted')]);
  for (const safe of ['tcp://127.0.0.1:1', `curve://192.0.2.1:1/${'01'.repeat(32)}`, `ipc://${folder}/x`]) {
    await fetchNodeKeys(parseOxendAddress(safe), log, AbortSignal.abort()).catch(() => {});
  }
  expect(lines).toHaveLength(1);
});
