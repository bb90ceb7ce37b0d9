import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { TransferError } from '../files/transfer-error.ts';
import { ALICE, alice, BOB, bob, Party } from '../testing/party.ts';
import { type Device, texts } from '../testing/person.ts';

let party: Party;

beforeEach(() => {
  party = new Party();
});

afterEach(() => party.end());

const coded = (code: string) => expect.objectContaining({ name: 'EngineError', code });
const last = (device: Device, id: string) => texts(device, id).at(-1)!;
const PNG = Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 1, 2, 3]);
const bytes = (size: number) => new Uint8Array(size).map((_, index) => index % 251);

test('files go with the message when they are uploaded, load when asked for, and survive restarts', async () => {
  let [a, b] = await party.acquainted();
  const a2 = party.start(ALICE);
  const [one, two] = await Promise.all([a.engine.keepFile(bytes(5000)), a.engine.keepFile(bytes(30))]);
  party.office.setOpen(false);
  const draft = {
    body: '',
    attachments: [
      { file: one, contentType: 'image/png', fileName: 'a.png', width: 3, height: 4, caption: 'A' },
      { file: two, contentType: 'audio/mp4', isVoiceMessage: true },
    ],
  };
  const sent = a.engine.send(bob, draft);
  expect(sent.attachments).toMatchObject([
    { state: 'here', size: 5000 },
    { isVoiceMessage: true, size: 30 },
  ]);
  a = await party.restart(a, ALICE);
  const states = new Set<string>();
  const stop = new AbortController();
  const watching = (async () => {
    for await (const change of a.engine.changes(stop.signal)) {
      if (change.kind === 'attachment') states.add(`${change.attachment.state} ${change.attachment.progress !== null}`);
    }
  })();
  party.office.setOpen(true);
  await party.clock.until(() => texts(b, alice).some(({ attachments }) => attachments.length === 2));
  stop.abort();
  await watching;
  expect(states).toContain('uploading true');
  expect(last(a, bob)).toMatchObject({ delivery: 'stored', attachments: [{ state: 'here' }, { state: 'here' }] });
  const [file, voice] = last(b, alice).attachments;
  expect(file).toMatchObject({
    state: 'remote',
    contentType: 'image/png',
    fileName: 'a.png',
    width: 3,
    height: 4,
    caption: 'A',
  });
  expect(voice).toMatchObject({ state: 'remote', isVoiceMessage: true });
  await expect(b.engine.readAttachment(file!.id)).rejects.toEqual(coded('not-found'));
  b.engine.downloadAttachment(file!.id);
  await party.clock.advance(100);
  b = await party.restart(b, BOB);
  await party.clock.until(() => last(b, alice).attachments[0]!.state === 'here');
  expect(await b.engine.readAttachment(file!.id)).toEqual(bytes(5000));
  b = await party.restart(b, BOB);
  expect(await b.engine.readAttachment(file!.id)).toEqual(bytes(5000));
  // Our own devices load them at once.
  await party.clock.until(() => last(a2, bob)?.attachments[1]?.state === 'here');
  // What is deleted for everyone is gone here, too.
  a.engine.deleteForEveryone([last(a, bob).id]);
  await party.clock.until(() => last(b, alice).deleted);
  expect(b.store.attachments.get(Number(file!.id))).toBeNull();
  await party.clock.until(
    () => b.store.attachments.unused().length === 0 && b.database.all('SELECT * FROM blobs').length === 0,
  );
});

test('files of a person load by themselves if that was chosen; gone ones are lost until tried once more', async () => {
  const [a, b] = await party.acquainted();
  a.engine.setAutoDownload(bob, true);
  const file = await b.engine.keepFile(bytes(10));
  b.engine.send(alice, { body: 'x', attachments: [{ file, contentType: 'text/plain' }] });
  await party.clock.until(() => last(a, bob).attachments[0]?.state === 'here');
  const pointer = { id: 0n, url: 'http://files.test/file/none', size: 3, key: new Uint8Array(64) };
  party.drop(BOB, alice, { dataMessage: { body: 'y', attachments: [pointer] } });
  await party.clock.until(() => last(a, bob).attachments[0]?.state === 'lost');
  party.office.fileServer.files.set(pointer.url, bytes(3));
  a.engine.downloadAttachment(last(a, bob).attachments[0]!.id);
  await party.clock.until(() => last(a, bob).attachments[0]?.state === 'here');
});

test('an upload that is stopped or impossible fails the message, which may be retried', async () => {
  const [a, b] = await party.acquainted();
  const file = await a.engine.keepFile(bytes(100));
  const { id } = a.engine.send(bob, { body: 'with a file', attachments: [{ file, contentType: 'x/y' }] });
  await party.clock.until(() => last(a, bob).attachments[0]!.state === 'uploading');
  a.engine.cancelTransfer(last(a, bob).attachments[0]!.id);
  await party.clock.until(() => last(a, bob).delivery === 'failed');
  expect(last(a, bob)).toMatchObject({ failure: 'cancelled', attachments: [{ state: 'here' }] });
  party.office.fileServer.fate = () => 'no-server';
  a.engine.retry(id);
  await party.clock.until(() => last(a, bob).failure === 'no-file-server');
  let attempts = 0;
  party.office.fileServer.fate = () => (attempts++ < 2 ? 'unreachable' : null);
  a.engine.retry(id);
  await party.clock.until(() => last(a, bob).delivery === 'stored');
  await party.clock.until(() => last(b, alice).attachments.length === 1);
  expect(() => a.engine.send(bob, { body: '', attachments: [{ file: 'none', contentType: 'x/y' }] })).toThrow(
    coded('not-found'),
  );
  await expect(a.engine.keepFile(new Uint8Array(10_000_001))).rejects.toEqual(coded('too-large'));
  const many = Array.from({ length: 33 }, () => ({ file, contentType: 'x/y' }));
  expect(() => a.engine.send(bob, { body: '', attachments: many })).toThrow(coded('too-large'));
});

test('the file of a message goes with it: deleted, disappeared, or with its whole conversation', async () => {
  const [a, b] = await party.acquainted();
  const onDisk = () => readdirSync(join(b.folder, 'files')).length;
  const receive = async () => {
    const file = await a.engine.keepFile(bytes(100));
    a.engine.send(bob, { body: '', attachments: [{ file, contentType: 'x/y' }] });
    await party.clock.until(() => last(b, alice).attachments.length === 1);
    b.engine.downloadAttachment(last(b, alice).attachments[0]!.id);
    await party.clock.until(() => last(b, alice).attachments[0]!.state === 'here');
    expect(onDisk()).toBe(1);
  };
  await receive();
  b.engine.deleteHere([last(b, alice).id]);
  await party.clock.until(() => onDisk() === 0, 5000);
  a.engine.setDisappearing(bob, { mode: 'after-send', seconds: 120 });
  await receive();
  await party.clock.until(() => onDisk() === 0, 130_000);
  a.engine.setDisappearing(bob, null);
  await receive();
  b.engine.deleteConversation(alice);
  await party.clock.until(() => onDisk() === 0, 5000);
});

test('a transfer ends when its message is deleted', async () => {
  const [a, b] = await party.acquainted();
  const file = await a.engine.keepFile(bytes(100));
  a.engine.send(bob, { body: '', attachments: [{ file, contentType: 'x/y' }] });
  await party.clock.until(() => last(b, alice).attachments.length === 1);
  let signal: AbortSignal | null = null;
  party.office.fileServer.download = async (_, options) => {
    signal = options.signal;
    await new Promise((resolve) => options.signal.addEventListener('abort', resolve, { once: true }));
    throw new TransferError('stopped');
  };
  const message = last(b, alice);
  b.engine.downloadAttachment(message.attachments[0]!.id);
  await party.clock.until(() => signal !== null, 5000);
  b.engine.deleteHere([message.id]);
  await party.clock.until(() => signal!.aborted, 5000);
});

test('a picture that nobody can load keeps no other picture waiting, nor the engine from closing', async () => {
  const [a] = await party.acquainted();
  const { fileServer } = party.office;
  let asked = 0;
  fileServer.downloadPicture = async (_, { signal }) => {
    asked++;
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    throw new TransferError('stopped');
  };
  const lastUpdateSeconds = BigInt(party.clock.now()) / 1000n + 1n;
  const profile = { displayName: 'Bob', profilePicture: 'http://dead.test/file/1', lastUpdateSeconds };
  party.drop(BOB, alice, { dataMessage: { body: 'my picture', profile, profileKey: new Uint8Array(32) } });
  await party.clock.until(() => asked === 1);
  await a.engine.setPicture(PNG);
  await party.clock.until(() => a.store.account.profile().picture !== null);
  expect(asked).toBe(1);
});

test('a picture is uploaded, travels with messages, and is loaded by who accepted us', async () => {
  let [a, b] = await party.acquainted();
  await expect(a.engine.setPicture(bytes(50))).rejects.toEqual(coded('bad-picture'));
  await a.engine.setPicture(PNG);
  expect(a.engine.account().pictureVersion).not.toBeNull();
  a = await party.restart(a, ALICE);
  await party.clock.until(() => a.store.account.profile().picture !== null);
  await party.clock.advance(1000);
  a.engine.send(bob, 'look at me');
  await party.clock.until(() => b.engine.conversation(alice)!.pictureVersion !== null);
  expect(await b.engine.readPicture(alice)).toEqual(PNG);
  expect(await a.engine.readPicture(alice)).toEqual(PNG);
  expect(await a.engine.readPicture(bob)).toBeNull();
  await party.clock.advance(1000);
  await a.engine.setPicture(null);
  a.engine.send(bob, 'and now not');
  await party.clock.until(() => b.engine.conversation(alice)!.pictureVersion === null);
  b = await party.restart(b, BOB);
  expect(await b.engine.readPicture(alice)).toBeNull();
});
