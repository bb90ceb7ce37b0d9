import { EngineError } from '@sotto/client';
import { describe, expect, test } from 'vitest';
import { FakeDoor } from '../testing/fake-door.ts';
import { PHRASE } from '../testing/fake-engine.ts';
import { SAMPLE_NETWORK } from '../testing/fake-network.ts';
import { Messenger } from './messenger.ts';

const ABOUT = { networkName: 'Field desk', suggestedName: 'Noor' };

function code(wanted: string) {
  return expect.objectContaining({ name: 'EngineError', code: wanted });
}

test('without a profile it waits for an account, and tells when there is one', async () => {
  const messenger = await Messenger.start(new FakeDoor(), 'Noor');
  expect(messenger.status()).toEqual({ state: 'welcome', hasPassphrase: false, ...ABOUT });
  expect(() => messenger.engine()).toThrow(code('profile-missing'));
  const changes = messenger.changes(new AbortController().signal)[Symbol.asyncIterator]();
  await messenger.create('Noor', null);
  expect((await changes.next()).value).toEqual({ kind: 'status' });
  expect(messenger.engine().account().name).toBe('Noor');
  await expect(messenger.create('Again', null)).rejects.toEqual(code('profile-exists'));
  await expect(messenger.restore(PHRASE, 'Again', null)).rejects.toEqual(code('profile-exists'));
  await messenger.close();
  expect((await changes.next()).done).toBe(true);
});

test('of two windows that create at once one wins', async () => {
  const messenger = await Messenger.start(new FakeDoor(), 'Noor');
  const outcomes = await Promise.allSettled([messenger.create('One', null), messenger.create('Two', null)]);
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  expect(messenger.engine().account().name).toBe('One');
  await messenger.close();
});

test('a locked profile opens with its passphrase alone', async () => {
  const messenger = await Messenger.start(new FakeDoor({ exists: true, passphrase: 'right' }), 'Noor');
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
  const messenger = await Messenger.start(door, 'Noor');
  const changes = messenger.changes(new AbortController().signal)[Symbol.asyncIterator]();
  const message = door.engine!.add(`05${'ab'.repeat(32)}`, 'in', 'Hello');
  expect((await changes.next()).value).toEqual({ kind: 'conversation', conversationId: message.conversationId });
  expect((await changes.next()).value).toEqual({ kind: 'message', message, isNew: true });
  await messenger.close();
});

test('a profile that cannot be opened stops the start', async () => {
  const door = new FakeDoor({ exists: true });
  door.open = () => Promise.reject(new EngineError('profile-in-use', 'in use'));
  await expect(Messenger.start(door, 'Noor')).rejects.toEqual(code('profile-in-use'));
});

test('after closing nothing begins any more', async () => {
  const messenger = await Messenger.start(new FakeDoor(), 'Noor');
  await messenger.close();
  await expect(messenger.create('Late', null)).rejects.toEqual(code('closed'));
  expect(() => messenger.engine()).toThrow(code('closed'));
});

describe('the network', () => {
  const other = { ...SAMPLE_NETWORK, name: 'Elsewhere', created: SAMPLE_NETWORK.created + 1 };

  test('comes before the account, and may be changed until there is one', async () => {
    const door = new FakeDoor({ network: null });
    const messenger = await Messenger.start(door, '');
    expect(messenger.status()).toMatchObject({ state: 'no-network', networkName: '' });
    expect(() => messenger.network()).toThrow(code('bad-network'));
    await expect(messenger.create('Noor', null)).rejects.toEqual(code('bad-network'));
    await messenger.join(other);
    expect(messenger.status()).toMatchObject({ state: 'welcome', networkName: 'Elsewhere' });
    await messenger.join(SAMPLE_NETWORK);
    await messenger.create('Noor', null);
    await expect(messenger.join(other)).rejects.toEqual(code('bad-network'));
    expect(messenger.status()).toMatchObject({ state: 'ready', networkName: 'Field desk' });
    await messenger.close();
  });

  test('with an account a newer file of it starts the engine anew', async () => {
    const door = new FakeDoor({ exists: true });
    const messenger = await Messenger.start(door, '');
    const before = door.engine;
    const changes = messenger.changes(new AbortController().signal)[Symbol.asyncIterator]();
    await messenger.join({ ...SAMPLE_NETWORK, name: 'Field desk, moved' });
    expect(door.engine).not.toBe(before);
    expect(messenger.status()).toMatchObject({ state: 'ready', networkName: 'Field desk, moved' });
    expect((await changes.next()).value).toEqual({ kind: 'status' });
    await messenger.close();
  });

  test('a profile with a passphrase is locked then', async () => {
    const messenger = await Messenger.start(new FakeDoor({ exists: true, passphrase: 'right' }), '');
    await messenger.unlock('right');
    await messenger.join(SAMPLE_NETWORK);
    expect(messenger.status().state).toBe('locked');
    await messenger.unlock('right');
    expect(messenger.engine().account().name).toBe('Noor');
    await messenger.close();
  });
});
