import { EngineError } from '@sotto/client';
import { expect, test } from 'vitest';
import { FakeDoor } from '../testing/fake-door.ts';
import { PHRASE } from '../testing/fake-engine.ts';
import { Messenger } from './messenger.ts';

const ABOUT = { networkName: 'Field desk', suggestedName: '' };

function code(wanted: string) {
  return expect.objectContaining({ name: 'EngineError', code: wanted });
}

test('without a profile it waits for an account, and tells when there is one', async () => {
  const messenger = await Messenger.start(new FakeDoor(), ABOUT);
  expect(messenger.status()).toEqual({ state: 'welcome', hasPassphrase: false, ...ABOUT });
  expect(() => messenger.engine()).toThrow(code('profile-missing'));
  const changes = messenger.changes(new AbortController().signal)[Symbol.asyncIterator]();
  await messenger.create('Noor');
  expect((await changes.next()).value).toEqual({ kind: 'status' });
  expect(messenger.engine().account().name).toBe('Noor');
  await expect(messenger.create('Again')).rejects.toEqual(code('profile-exists'));
  await expect(messenger.restore(PHRASE, 'Again')).rejects.toEqual(code('profile-exists'));
  await messenger.close();
  expect((await changes.next()).done).toBe(true);
});

test('of two windows that create at once one wins', async () => {
  const messenger = await Messenger.start(new FakeDoor(), ABOUT);
  const outcomes = await Promise.allSettled([messenger.create('One'), messenger.create('Two')]);
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  expect(messenger.engine().account().name).toBe('One');
  await messenger.close();
});

test('a locked profile opens with its passphrase alone', async () => {
  const messenger = await Messenger.start(new FakeDoor({ exists: true, passphrase: 'right' }), ABOUT);
  expect(messenger.status()).toMatchObject({ state: 'locked', hasPassphrase: true });
  expect(() => messenger.engine()).toThrow(code('locked'));
  await expect(messenger.unlock('wrong')).rejects.toEqual(code('wrong-passphrase'));
  expect(messenger.status().state).toBe('locked');
  await messenger.unlock('right');
  await messenger.unlock('whatever another window sends');
  expect(messenger.status().state).toBe('ready');
  await messenger.setPassphrase('right', null);
  expect(messenger.status().hasPassphrase).toBe(false);
  await messenger.close();
});

test('an unlocked profile starts at once and passes the changes of its engine on', async () => {
  const door = new FakeDoor({ exists: true });
  const messenger = await Messenger.start(door, ABOUT);
  const changes = messenger.changes(new AbortController().signal)[Symbol.asyncIterator]();
  const message = door.engine!.add(`05${'ab'.repeat(32)}`, 'in', 'Hello');
  expect((await changes.next()).value).toEqual({ kind: 'message', message });
  await messenger.close();
});

test('a profile that cannot be opened stops the start', async () => {
  const door = new FakeDoor({ exists: true });
  door.open = () => Promise.reject(new EngineError('profile-in-use', 'in use'));
  await expect(Messenger.start(door, ABOUT)).rejects.toEqual(code('profile-in-use'));
});

test('after closing nothing begins any more', async () => {
  const messenger = await Messenger.start(new FakeDoor(), ABOUT);
  await messenger.close();
  await expect(messenger.create('Late')).rejects.toEqual(code('closed'));
  expect(() => messenger.engine()).toThrow(code('closed'));
});
