import { ed25519KeyPair } from '@sotto/wire/crypto';
import { expect, test } from 'vitest';
import { ConfigError } from '../errors.ts';
import { PLAIN, restarted, TestSwarm } from '../testing/swarm.ts';
import { setIn } from '../values/index.ts';
import { ConfigObject } from './config-object.ts';
import type { ConfigOptions } from './contract.ts';

const DAY = 24 * 60 * 60 * 1000;

function set(device: ConfigObject, key: string, value: bigint | Uint8Array): void {
  device.edit((data) => setIn(data, [key], value));
}

/** Bytes that do not compress. */
function noise(size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  let state = 1;
  for (let index = 0; index < size; index++) {
    state = (state * 48_271) % 0x7fffffff;
    bytes[index] = state;
  }
  return bytes;
}

test('the own push that comes back before it is confirmed is not deleted by the next push', () => {
  const swarm = new TestSwarm();
  const device = new ConfigObject(PLAIN);
  set(device, 'k', 1n);
  swarm.push(device, 'unanswered');
  swarm.poll(device);
  expect(device.state).toBe('waiting');
  swarm.push(device);
  expect(device.obsoleteHashes.size).toBe(0);
  expect([...swarm.messages.keys()]).toEqual([...device.currentHashes]);
});

test('a confirmation of a revision that has been edited since is ignored, and what it stored becomes obsolete', () => {
  const swarm = new TestSwarm();
  const device = new ConfigObject(PLAIN);
  set(device, 'k', 1n);
  const { seqno } = device.push(0);
  set(device, 'k', 2n);
  device.confirm(seqno, ['old']);
  expect(device.state).toBe('dirty');
  expect(device.seqno).toBe(2n);
  expect(device.currentHashes.size).toBe(0);
  swarm.push(device);
  expect(device.state).toBe('clean');
});

test('obsolete hashes are handed out once, and again if they come back', () => {
  const swarm = new TestSwarm();
  const device = new ConfigObject(PLAIN);
  set(device, 'k', 1n);
  swarm.push(device);
  const [first] = device.currentHashes;
  set(device, 'k', 2n);
  const { obsolete } = device.push(0);
  expect(obsolete).toEqual([first]);
  expect(device.push(0).obsolete).toEqual([]);
  device.returnObsolete(obsolete);
  expect(restarted(device).push(0).obsolete).toEqual([first]);
});

test('a push again gives the same bytes, before and after it is confirmed and after a restart', () => {
  const swarm = new TestSwarm();
  const device = new ConfigObject(PLAIN);
  set(device, 'k', noise(100_000));
  const { messages } = device.push(0);
  expect(messages.length).toBe(2);
  expect(device.push(0).messages).toEqual(messages);
  expect(restarted(device).push(0).messages).toEqual(messages);
  swarm.push(device);
  expect(device.push(0).messages).toEqual(messages);
});

test('an edit that changes nothing begins no revision', () => {
  const device = new ConfigObject(PLAIN);
  set(device, 'k', 1n);
  new TestSwarm().push(device);
  expect(device.edit((data) => setIn(data, ['k'], 1n))).toBe(false);
  expect(device.state).toBe('clean');
});

test('restarts while an edit waits cost no revision', () => {
  let device = new ConfigObject(PLAIN);
  set(device, 'k', 1n);
  for (let restart = 0; restart < 6; restart++) device = restarted(device);
  expect([device.state, device.seqno]).toEqual(['dirty', 1n]);
});

test('a config beyond 5,000,000 bytes is not pushed, and can be made smaller again', () => {
  const device = new ConfigObject(PLAIN);
  set(device, 'k', noise(5_000_001));
  expect(() => device.push(0)).toThrow(new ConfigError('too-large', 'the config is too large to be sent'));
  expect(device.state).toBe('dirty');
  set(device, 'k', 1n);
  expect(device.push(0).messages.length).toBe(1);
});

test('parts wait for the others across restarts for seven days, and finished ones are known for fourteen', () => {
  const sender = new ConfigObject(PLAIN);
  set(sender, 'k', noise(200_000));
  const { messages } = sender.push(0);
  const [a, b, c] = messages.map((data, index) => ({ hash: `part ${index}`, data }));
  let reader = new ConfigObject(PLAIN);
  expect(reader.merge([c!, a!], 0).accepted.size).toBe(2);
  reader = restarted(reader);
  expect([...reader.activeHashes].sort()).toEqual(['part 0', 'part 2']);
  reader.merge([], 7 * DAY);
  expect(reader.activeHashes.size).toBe(0);
  reader.merge([a!, c!], 8 * DAY);
  const { accepted } = reader.merge([b!], 9 * DAY);
  expect([...accepted]).toEqual(['part 1']);
  expect([...reader.currentHashes].sort()).toEqual(['part 0', 'part 1', 'part 2']);
  expect(reader.message.bytes).toEqual(sender.message.bytes);
  reader.merge([a!], 22 * DAY);
  expect(reader.snapshot().parts).toHaveLength(1);
  reader.merge([], 23 * DAY);
  expect(reader.snapshot().parts).toHaveLength(0);
});

test('the device that pushed parts ignores them when they come back', () => {
  const sender = new ConfigObject(PLAIN);
  set(sender, 'k', noise(100_000));
  const { messages } = sender.push(0);
  const inputs = messages.map((data, index) => ({ hash: `part ${index}`, data }));
  expect(sender.merge(inputs, 0).accepted.size).toBe(2);
  expect(sender.state).toBe('waiting');
  expect(sender.obsoleteHashes.size).toBe(0);
});

test('a signed config: admins write and merge, others read what is signed and nothing else', () => {
  const { publicKey, secretKey } = ed25519KeyPair(new Uint8Array(32).fill(3));
  const signed = (secret: Uint8Array | null): ConfigOptions => ({
    ...PLAIN,
    signing: { publicKey, secretKey: secret },
  });
  const swarm = new TestSwarm();
  const admin = new ConfigObject(signed(secretKey));
  const second = new ConfigObject(signed(secretKey));
  const member = new ConfigObject(signed(null));
  set(admin, 'a', 1n);
  set(second, 'b', 2n);
  for (const device of [admin, second]) swarm.push(device);

  swarm.poll(member);
  expect(member.message.hash).toBe([admin.message.hash, second.message.hash].sort()[1]);
  expect(() => set(member, 'c', 3n)).toThrow(new ConfigError('read-only', 'this config can only be read'));
  expect(member.push(0)).toMatchObject({ obsolete: [] });
  expect(restarted(member, signed(null)).push(0).messages).toEqual(member.push(0).messages);

  const unsigned = new ConfigObject(PLAIN);
  set(unsigned, 'c', 3n);
  for (let revision = 0n; revision < 9n; revision++) {
    set(unsigned, 'c', revision);
    unsigned.push(0);
  }
  const [data] = unsigned.push(0).messages;
  expect(member.merge([{ hash: 'unsigned', data: data! }], 0).accepted.size).toBe(0);

  swarm.settle([admin, second]);
  swarm.poll(member);
  expect(member.message.bytes).toEqual(admin.message.bytes);
  expect(member.data.keys).toEqual(['a', 'b']);
});

test('messages under an older key are read, and written under the newest', () => {
  const old = new Uint8Array(32).fill(1);
  const next = new Uint8Array(32).fill(2);
  const under = (...keys: Uint8Array[]): ConfigObject =>
    new ConfigObject({ packing: { domain: 'Test', keys, wrapping: null } });
  const sender = under(old);
  set(sender, 'k', 1n);
  const [data] = sender.push(0).messages;
  const holder = under(next);
  expect(holder.merge([{ hash: 'h', data: data! }], 0).accepted.size).toBe(0);
  holder.setKeys([next, old]);
  expect(holder.merge([{ hash: 'h', data: data! }], 0).accepted.size).toBe(1);
  const reader = under(next);
  expect(reader.merge([{ hash: 'i', data: holder.push(0).messages[0]! }], 0).accepted.size).toBe(1);
});

test('a message whose bytes we would write otherwise does not conflict with itself', () => {
  const device = new ConfigObject(PLAIN);
  const other = new ConfigObject(PLAIN);
  set(other, 'k', 1n);
  // Bytes behind the end belong to the hash.
  const odd = new ConfigObject(PLAIN, {
    ...other.snapshot(),
    state: 'clean',
    message: { ...other.message, bytes: Buffer.concat([other.message.bytes, Buffer.from('xx')]) },
  });
  const [data] = odd.push(0).messages;
  for (let poll = 0; poll < 3; poll++) device.merge([{ hash: 'h', data: data! }], 0);
  expect([device.state, device.seqno, [...device.currentHashes]]).toEqual(['clean', 1n, ['h']]);
  expect(device.push(0).messages).toEqual([data]);
});
