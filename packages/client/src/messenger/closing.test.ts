import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { alice, bob, Party } from '../testing/party.ts';
import type { Device } from '../testing/person.ts';

let root: string;
let party: Party;
let device: Device;

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'sotto-closing-'));
  party = new Party();
  [device] = await party.acquainted();
});

afterEach(async () => {
  await party.end();
  rmSync(root, { recursive: true, force: true });
});

/** Closes while this is under way; gives how it ended, and whether that was before the engine had closed. */
async function closedDuring(work: Promise<unknown>): Promise<string> {
  let outcome = 'still running';
  const end = (how: string) => {
    outcome = how;
  };
  const ending = work.then(
    () => end('done'),
    (error: { code: string }) => end(error.code),
  );
  await device.engine.close();
  const atClose = outcome;
  await ending;
  expect(outcome).toBe(atClose === 'still running' ? 'over before the engine was closed' : atClose);
  return outcome;
}

const filesOnDisk = () => readdirSync(join(device.folder, 'files'));

test('a file that is still coming in is given up, and nothing of it stays', async () => {
  async function* slow(): AsyncGenerator<Uint8Array> {
    yield new Uint8Array(100_000);
    await new Promise(() => {});
  }
  const before = filesOnDisk();
  expect(await closedDuring(device.engine.keepFile(slow()))).toBe('closed');
  expect(filesOnDisk()).toEqual(before);
});

test('a picture that was chosen is kept first', async () => {
  const picture = Uint8Array.of(0xff, 0xd8, 0xff, 0);
  expect(await closedDuring(device.engine.setPicture(picture))).toBe('done');
  const again = await party.restart(device, 1);
  expect(await again.engine.readPicture(alice)).toEqual(picture);
});

test('an export is given up, and nothing of it stays', async () => {
  const folder = join(root, 'export');
  expect(await closedDuring(device.engine.exportConversation(bob, folder))).toBe('closed');
  expect(existsSync(folder)).toBe(false);
});

test('when it is closed, nothing begins', async () => {
  await device.engine.close();
  const begun = [
    () => device.engine.keepFile(new Uint8Array(1)),
    () => device.engine.setPicture(null),
    () => device.engine.readPicture(alice),
    () => device.engine.exportConversation(bob, join(root, 'export')),
  ];
  for (const begin of begun) await expect(begin()).rejects.toMatchObject({ code: 'closed' });
  expect(existsSync(join(root, 'export'))).toBe(false);
});
