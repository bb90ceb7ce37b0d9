import { randomBytes } from 'node:crypto';
import { decodeBt, decodeNotification, type MessageNotification } from '@sotto/wire/bt';
import { ed25519KeyPair, type KeyPair } from '@sotto/wire/crypto';
import { accountSigner, buildStore, type JsonRequest, messageHash } from '@sotto/wire/rpc';
import { afterEach, expect, test } from 'vitest';
import { curveKeyPair, Dealer } from 'zeromq';
import { z85 } from '../testing/foreign-peer.ts';
import { accountIdOf, registration, registrationList } from '../testing/registration.ts';
import { TestNetwork } from '../testing/test-network.ts';

let network: TestNetwork;
const dealers: Dealer[] = [];

afterEach(async () => {
  for (const dealer of dealers.splice(0)) dealer.close();
  await network.close();
});

const DAY = 86_400_000;
const SUCCESS = 'd7:successi1ee';
const newKeys = (): KeyPair => ed25519KeyPair(randomBytes(32));
const latin1 = (part: Uint8Array | undefined) => Buffer.from(part ?? []).toString('latin1');

/** A client on one node, through the ZeroMQ library. */
class Listener {
  readonly pushes: { readonly command: string; readonly dict: Uint8Array }[] = [];
  readonly #dealer: Dealer;
  #reply = Promise.withResolvers<Uint8Array[]>();

  constructor(index: number) {
    const { omqPort, keys } = network.nodes[index]!;
    const { publicKey, secretKey } = curveKeyPair();
    this.#dealer = new Dealer({
      curveServerKey: z85(keys.x25519),
      curvePublicKey: publicKey,
      curveSecretKey: secretKey,
      linger: 0,
    });
    this.#dealer.connect(`tcp://127.0.0.1:${omqPort}`);
    dealers.push(this.#dealer);
    void this.#read();
  }

  /** The data parts of the reply to `monitor.messages`. */
  async subscribe(...parts: (Uint8Array | string)[]): Promise<string[]> {
    this.#reply = Promise.withResolvers();
    await this.#dealer.send(['monitor.messages', 'tag', ...parts.map((part) => Buffer.from(part))]);
    return (await this.#reply.promise).map(latin1);
  }

  /** Messages pushed so far, after everything that the node was asked before. */
  async messages(): Promise<MessageNotification[]> {
    await this.subscribe();
    return this.pushes.map(({ command, dict }) => {
      expect(command).toBe('notify.message');
      return decodeNotification(dict);
    });
  }

  close(): void {
    this.#dealer.close();
  }

  async #read(): Promise<void> {
    for await (const [word, second, ...rest] of this.#dealer) {
      if (latin1(word) === 'REPLY') this.#reply.resolve(rest);
      else this.pushes.push({ command: latin1(word), dict: second! });
    }
  }
}

function store(key: KeyPair, content: string, namespace = 0, kind: 'P' | 'p' = 'P'): JsonRequest {
  const signer = accountSigner(accountIdOf(key, kind), key);
  const message = { data: Buffer.from(content), namespace, timestamp: Date.now(), ttl: DAY };
  return buildStore({ ...message, accountId: signer.accountId, signer });
}

test('every member pushes a message that was stored on another one, once', async () => {
  network = await TestNetwork.start(3);
  await network.publish();
  const anna = newKeys();
  const [first, second, third] = [new Listener(0), new Listener(1), new Listener(2)];
  expect(await first.subscribe(registration(anna))).toEqual([SUCCESS]);
  expect(await first.subscribe(registration(anna, { namespaces: [-10, 0] }))).toEqual([SUCCESS]);
  expect(await second.subscribe(registration(anna, { withData: true }))).toEqual([SUCCESS]);
  const list = registrationList(registration(newKeys()), registration(anna, { kind: 'p', namespaces: [11] }));
  expect(await third.subscribe(list)).toEqual([`l${SUCCESS}${SUCCESS}e`]);

  const stored = await network.rpc(2, store(anna, 'hello'));
  expect(stored.status).toBe(200);
  const { hash } = stored.json();
  const [push] = await first.messages();
  expect(push).toMatchObject({ hash, namespace: 0, data: null });
  expect(Buffer.from(push!.account).toString('hex')).toBe(accountIdOf(anna));
  expect(push!.expiry - push!.timestamp).toBe(DAY);
  const [withData] = await second.messages();
  expect(withData).toEqual({ ...push, data: new Uint8Array(Buffer.from('hello')) });

  // Neither the same again nor another mailbox is told; what comes after is.
  await network.rpc(1, store(anna, 'hello'));
  await network.rpc(0, store(anna, 'outbox', -10));
  expect((await first.messages()).map(({ namespace }) => namespace)).toEqual([0, -10]);
  expect(await second.messages()).toHaveLength(1);
  expect(await third.messages()).toEqual([]);

  // Of an account that is its key, and on the member that stored it for the client.
  await network.rpc(2, store(anna, 'group', 11, 'p'));
  expect(await third.messages()).toMatchObject([{ namespace: 11 }]);
});

test('messages that come by swarm data transfer are not pushed', async () => {
  network = await TestNetwork.start(2);
  await network.publish([network.record(0)]);
  const [anna, listener] = [newKeys(), new Listener(1)];
  await network.rpc(0, store(anna, 'before'));
  await network.publish();
  expect(await listener.subscribe(registration(anna))).toEqual([SUCCESS]);
  await network.until(() => network.logLines.some((line) => line.includes('brought up to date')));
  await network.rpc(0, store(anna, 'after'));
  const hash = messageHash(Buffer.from(accountIdOf(anna), 'hex'), 0, Buffer.from('after'));
  expect(await listener.messages()).toMatchObject([{ hash }]);
});

test('what is no request is refused', async () => {
  network = await TestNetwork.start(1);
  await network.publish();
  const [anna, listener] = [newKeys(), new Listener(0)];
  const form =
    'd7:errcodei1e5:error81:Invalid arguments: monitor request takes a single bencoded dict or list parametere';
  for (const parts of [[], [''], ['{}'], [registration(anna), ''], ['5:hello']]) {
    expect(await listener.subscribe(...parts)).toEqual([form]);
  }
  expect(await listener.subscribe('de')).toMatchObject([expect.stringContaining('d7:errcodei1e5:error')]);
  expect(await listener.subscribe('le')).toEqual(['le']);
  // Many requests are no reason to refuse one.
  for (let count = 0; count < 700; count++) expect(await listener.subscribe('le')).toEqual(['le']);
});

test('a client that went away leaves nothing behind, others are told', async () => {
  network = await TestNetwork.start(1);
  await network.publish();
  const [anna, gone, stays] = [newKeys(), new Listener(0), new Listener(0)];
  for (const listener of [gone, stays]) await listener.subscribe(registration(anna));
  gone.close();
  await network.rpc(0, store(anna, 'hello'));
  expect(await stays.messages()).toHaveLength(1);
});

test('an account of another swarm is refused with its swarm, and told when it leaves', async () => {
  network = await TestNetwork.start(2);
  await network.publish([network.record(0), network.record(1)]);
  const [listener, people] = [new Listener(0), Array.from({ length: 24 }, newKeys)];
  const list = registrationList(...people.map((key) => registration(key)));
  expect(await listener.subscribe(list)).toEqual([`l${SUCCESS.repeat(24)}e`]);

  await network.publish([network.record(0), network.record(1, 1n << 63n)]);
  const [reply] = await listener.subscribe(list);
  const replies = decodeBt(Buffer.from(reply!, 'latin1')) as Map<string, unknown>[];
  const moved = people.filter((_, index) => replies[index]!.has('errcode'));
  for (const refusal of replies.filter((each) => each.has('errcode'))) {
    expect([...refusal.keys()]).toEqual(['errcode', 'error', 'snodes', 'swarm']);
  }
  expect(listener.pushes.map(({ command }) => command)).toEqual(moved.map(() => 'notify.monitor_ended'));
  const notices = listener.pushes.map(({ dict }) => decodeBt(dict) as Map<string, unknown>);
  expect(notices.map((notice) => Buffer.from(notice.get('@') as Uint8Array).toString('hex')).sort()).toEqual(
    moved.map((key) => accountIdOf(key)).sort(),
  );
  for (const notice of notices) {
    expect([notice.get('errcode'), notice.get('snodes')]).toMatchObject([6n, [expect.any(Map)]]);
  }
});
