import { randomBytes } from 'node:crypto';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { bytesToHex } from '@sotto/wire/bytes';
import { type KeyPair, x25519KeyPair } from '@sotto/wire/crypto';
import { dialCurve } from '@sotto/wire/zmtp';
import fc from 'fast-check';
import { afterEach, expect, test, vi } from 'vitest';
import { Dealer, Router } from 'zeromq';
import { createLog } from '../log.ts';
import { RawDealer, z85 } from '../testing/foreign-peer.ts';
import { OmqEndpoint, type OmqEndpointOptions, type OmqHandler } from './omq-endpoint.ts';
import type { ReturnPath } from './return-path.ts';

const stop: (() => unknown)[] = [];

afterEach(async () => {
  for (const each of stop.splice(0).reverse()) await each();
});

const newKeys = (): KeyPair => x25519KeyPair(randomBytes(32));
const text = (parts: readonly Uint8Array[] | null) => parts?.map((part) => Buffer.from(part).toString());

interface Peer {
  readonly endpoint: OmqEndpoint;
  readonly keys: KeyPair;
  readonly port: number;
}

async function start(
  handlers: Record<string, OmqHandler> = {},
  changes: Partial<OmqEndpointOptions> = {},
): Promise<Peer> {
  const keys = changes.keys ?? newKeys();
  const endpoint = new OmqEndpoint({
    keys,
    categories: {
      sn: {
        access: 'none',
        remoteServiceNode: true,
        queue: 5,
        handlers: { ping: () => [Buffer.from('pong')], ...handlers },
      },
      storage: { access: 'none', queue: 1000, handlers },
    },
    isServiceNode: () => true,
    addressOf: () => null,
    random: randomBytes,
    monotonicNow: () => performance.now(),
    log: createLog('silent'),
    ...changes,
  });
  stop.push(() => endpoint.close());
  return { endpoint, keys, port: await endpoint.listen('127.0.0.1', 0) };
}

const addressOf = ({ keys, port }: Peer) => ({ key: keys.publicKey, host: '127.0.0.1', port });

test('two endpoints ask each other over one connection', async () => {
  const [a, b] = [await start(), await start()];
  const there = await a.endpoint.request(addressOf(b), 'sn.ping', [], 5000);
  expect(there.ok && text(there.data)).toEqual(['pong']);
  // Nobody listens at this address: only the connection that the other side made can carry it.
  const back = await b.endpoint.request({ key: a.keys.publicKey, host: '127.0.0.1', port: 1 }, 'sn.ping', [], 5000);
  expect(back).toMatchObject({ ok: true });
});

test('large messages in many parts arrive whole, too large ones fail at once', async () => {
  const [a, b] = [await start(), await start({ echo: (data) => data })];
  const parts = [randomBytes(9_000_000), new Uint8Array(), randomBytes(1)];
  const reply = await a.endpoint.request(addressOf(b), 'sn.echo', parts, 10_000);
  expect(reply.ok && reply.data.map((part) => bytesToHex(part).slice(-20))).toEqual(
    parts.map((part) => bytesToHex(part).slice(-20)),
  );
  const tooLarge = await a.endpoint.request(addressOf(b), 'sn.echo', [new Uint8Array(10_485_761)], 60_000);
  expect(tooLarge).toEqual({ ok: false, error: 'TIMEOUT' });
});

test('strangers that send half of a large message take a bounded share, and others are served', async () => {
  const service = await start({ echo: (data) => data }, { isServiceNode: () => false });
  const half = () => {
    const frame = Buffer.alloc(9_000_000, 1);
    frame.set([2, 0, 0, 0, 0, 0, 0x9f, 0, 0]);
    return frame;
  };
  const connected = await Promise.all(
    Array.from({ length: 9 }, () => RawDealer.connect(service.port, service.keys.publicKey)),
  );
  stop.push(() => {
    for (const dealer of connected) dealer.close();
  });
  for (const dealer of connected) dealer.sendRaw(half());
  await vi.waitUntil(() => connected.some((dealer) => dealer.isClosed));
  const honest = await RawDealer.connect(service.port, service.keys.publicKey);
  stop.push(() => honest.close());
  honest.send('storage.echo', 'tag', 'hello');
  expect(text(await honest.receive())).toEqual(['REPLY', 'tag', 'hello']);
  for (const dealer of connected) dealer.close();
  // What they held is free again.
  const large = randomBytes(9_000_000);
  for (let round = 0; round < 9; round++) {
    honest.send('storage.echo', 'tag', large);
    expect(await honest.receive()).toHaveLength(3);
  }
});

test('strangers that do not read their answers take a bounded share, and others are served', async () => {
  const answer = randomBytes(9_000_000);
  const service = await start({ large: () => [answer] }, { isServiceNode: () => false });
  const deaf = await Promise.all(
    Array.from({ length: 10 }, () => RawDealer.connect(service.port, service.keys.publicKey)),
  );
  for (const dealer of deaf) {
    dealer.pause();
    for (let count = 0; count < 3; count++) dealer.send('storage.large', 'tag');
  }
  const honest = await RawDealer.connect(service.port, service.keys.publicKey);
  stop.push(() => honest.close());
  /** Is a large answer given, or only the small one after it? */
  const isAnswered = async () => {
    honest.send('storage.large', 'tag');
    honest.send('HI');
    const first = Buffer.from((await honest.receive())![0]!).toString();
    if (first === 'REPLY') await honest.receive();
    return first === 'REPLY';
  };
  // The share of this address gets used up, and is free again when those are gone.
  await vi.waitUntil(async () => !(await isAnswered()));
  for (const dealer of deaf) dealer.close();
  await vi.waitUntil(isAnswered);
});

test('the way back to a client is the same for all its commands, and ends with its connection', async () => {
  const paths: ReturnPath[] = [];
  const hello: OmqHandler = (_data, { returnPath }) => {
    paths.push(returnPath);
    return returnPath.push('notify.hello', [Buffer.from('you')]) ? [] : null;
  };
  const service = await start({ hello }, { isServiceNode: () => false });
  const dealer = await RawDealer.connect(service.port, service.keys.publicKey);
  for (let count = 0; count < 2; count++) {
    dealer.send('storage.hello', 'tag');
    expect(text(await dealer.receive())).toEqual(['notify.hello', 'you']);
    expect(text(await dealer.receive())).toEqual(['REPLY', 'tag']);
  }
  const [path] = paths as [ReturnPath];
  expect(paths).toEqual([path, path]);
  expect(path.closed.aborted).toBe(false);
  dealer.close();
  await vi.waitUntil(() => path.closed.aborted);
  expect(path.push('notify.hello', [])).toBe(false);
});

test('what is pushed to a client that does not read is lost before it takes much memory', async () => {
  const part = randomBytes(1_000_000);
  const found = Promise.withResolvers<ReturnPath>();
  const subscribe: OmqHandler = (_data, { returnPath }) => {
    found.resolve(returnPath);
    return null;
  };
  const service = await start({ subscribe }, { isServiceNode: () => false });
  const deaf = await RawDealer.connect(service.port, service.keys.publicKey);
  stop.push(() => deaf.close());
  deaf.pause();
  deaf.send('storage.subscribe', 'tag');
  const path = await found.promise;
  let pushed = 0;
  while (pushed < 200 && path.push('notify.message', [part])) pushed++;
  expect(pushed).toBeLessThan(70);
  deaf.resume();
  for (let count = 0; count < pushed; count++) expect(await deaf.receive()).toHaveLength(2);
  await vi.waitUntil(() => path.push('notify.message', [part]));
});

test('a stranger that reads none of its answers is not read on until it does', async () => {
  const service = await start({}, { isServiceNode: () => false });
  const deaf = await RawDealer.connect(service.port, service.keys.publicKey);
  stop.push(() => deaf.close());
  deaf.pause();
  const unknown = 'x'.repeat(10_000);
  for (let count = 0; count < 4000; count++) deaf.send(unknown);
  let before = Number.NaN;
  let standing = 0;
  const stands = () => {
    standing = deaf.unsentBytes === before ? standing + 1 : 0;
    before = deaf.unsentBytes;
    return standing === 8;
  };
  await vi.waitUntil(stands, { interval: 100 });
  expect(deaf.unsentBytes).toBeGreaterThan(10_000_000);
  const honest = await RawDealer.connect(service.port, service.keys.publicKey);
  stop.push(() => honest.close());
  honest.send('HI');
  expect(text(await honest.receive())).toEqual(['HELLO']);
  deaf.resume();
  for (let count = 0; count < 4000; count++) expect(await deaf.receive()).toHaveLength(2);
});

test('a node that is not there, has another key, or breaks off fails its requests at once', async () => {
  const a = await start();
  const gone = { key: newKeys().publicKey, host: '127.0.0.1', port: 1 };
  expect(await a.endpoint.request(gone, 'sn.ping', [], 60_000)).toEqual({ ok: false, error: 'TIMEOUT' });
  const b = await start();
  const wrongKey = { ...addressOf(b), key: newKeys().publicKey };
  expect(await a.endpoint.request(wrongKey, 'sn.ping', [], 60_000)).toMatchObject({ ok: false });
  const hanging = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => socket.destroy());
  });
  await new Promise<void>((resolve) => hanging.listen(0, '127.0.0.1', resolve));
  stop.push(() => hanging.close());
  const address = { key: newKeys().publicKey, host: '127.0.0.1', port: (hanging.address() as { port: number }).port };
  expect(await a.endpoint.request(address, 'sn.ping', [], 60_000)).toMatchObject({ ok: false });
});

test('a request without a reply times out; a late reply is ignored', async () => {
  const answer = Promise.withResolvers<Uint8Array[]>();
  const [a, b] = [await start(), await start({ slow: () => answer.promise })];
  expect(await a.endpoint.request(addressOf(b), 'sn.slow', [], 10)).toEqual({ ok: false, error: 'TIMEOUT' });
  answer.resolve([Buffer.from('late')]);
  expect(await a.endpoint.request(addressOf(b), 'sn.ping', [], 5000)).toMatchObject({ ok: true });
});

test('whether the caller is an active node is asked anew for every message', async () => {
  let active = true;
  const [a, b] = [await start(), await start({}, { isServiceNode: () => active })];
  expect(await a.endpoint.request(addressOf(b), 'sn.ping', [], 5000)).toMatchObject({ ok: true });
  active = false;
  expect(await a.endpoint.request(addressOf(b), 'sn.ping', [], 5000)).toEqual({ ok: false, error: 'FORBIDDEN_SN' });
});

test('a handler that throws gives no reply and harms nobody', async () => {
  const broken: OmqHandler = () => {
    throw new Error('broken');
  };
  const [a, b] = [await start(), await start({ broken })];
  expect(await a.endpoint.request(addressOf(b), 'sn.broken', [], 10)).toEqual({ ok: false, error: 'TIMEOUT' });
  expect(await a.endpoint.request(addressOf(b), 'sn.ping', [], 5000)).toMatchObject({ ok: true });
});

test('commands beyond the queue of their category are dropped', async () => {
  const answer = Promise.withResolvers<Uint8Array[]>();
  const [a, b] = [await start(), await start({ slow: () => answer.promise })];
  const requests = Array.from({ length: 8 }, () => a.endpoint.request(addressOf(b), 'sn.slow', [], 300));
  expect(await Promise.race(requests)).toMatchObject({ ok: false });
  answer.resolve([]);
  expect((await Promise.all(requests)).every((result) => !result.ok)).toBe(true);
  expect(await a.endpoint.request(addressOf(b), 'sn.slow', [], 5000)).toMatchObject({ ok: true });
});

test('a command with a queue of its own takes no places of others', async () => {
  const answer = Promise.withResolvers<Uint8Array[]>();
  const handlers = { slow: () => answer.promise, ping: () => [Buffer.from('pong')] };
  const sn = { access: 'none', remoteServiceNode: true, queue: 2, ownQueues: { slow: 5 }, handlers } as const;
  const [a, b] = [await start(), await start({}, { categories: { sn } })];
  const requests = Array.from({ length: 8 }, () => a.endpoint.request(addressOf(b), 'sn.slow', [], 5000));
  expect(await a.endpoint.request(addressOf(b), 'sn.ping', [], 5000)).toMatchObject({ ok: true });
  answer.resolve([]);
  const answered = await Promise.all(requests.slice(0, 5));
  expect(answered.every(({ ok }) => ok)).toBe(true);
  await a.endpoint.close();
  expect((await Promise.all(requests.slice(5))).every(({ ok }) => !ok)).toBe(true);
});

test('a client that asks faster than it is answered is made to wait, and gets every answer', async () => {
  let running = 0;
  let most = 0;
  const waiting: (() => void)[] = [];
  const slow: OmqHandler = async (data) => {
    most = Math.max(most, ++running);
    await new Promise<void>((resolve) => waiting.push(resolve));
    running--;
    return data;
  };
  const b = await start({ slow }, { isServiceNode: () => false });
  const client = await RawDealer.connect(b.port, b.keys.publicKey);
  const large = randomBytes(20_000);
  for (let request = 0; request < 1000; request++) client.send('storage.slow', String(request), large);
  let answers = 0;
  const reading = (async () => {
    for (; answers < 1000; answers++) expect(text(await client.receive())![0]).toBe('REPLY');
  })();
  while (answers < 1000) {
    await new Promise(setImmediate);
    for (const each of waiting.splice(0)) each();
  }
  await reading;
  // What arrives in one piece with the 200th command is still taken.
  expect(most).toBeLessThan(250);
  client.close();
});

test('idle connections that we dialled are closed after 30 s, silent ones after missed heartbeats', async () => {
  let now = 0;
  const clock = { monotonicNow: () => now };
  const [a, b] = [await start({}, clock), await start()];
  await a.endpoint.request(addressOf(b), 'sn.ping', [], 5000);
  const back = { key: a.keys.publicKey, host: '127.0.0.1', port: 1 };
  expect(await b.endpoint.request(back, 'sn.ping', [], 5000)).toMatchObject({ ok: true });
  now = 30_001;
  // The connection carried all requests so far; once it is gone nothing reaches the other side at port 1.
  while ((await b.endpoint.request(back, 'sn.ping', [], 200)).ok) now += 30_001;
  expect(await b.endpoint.request(back, 'sn.ping', [], 200)).toMatchObject({ ok: false });
});

test('a silent dialler that shook hands is given up, one that never does too', async () => {
  let now = 0;
  const b = await start({}, { monotonicNow: () => now });
  const mute = connect(b.port, '127.0.0.1');
  mute.on('error', () => {});
  const dealer = await RawDealer.connect(b.port, b.keys.publicKey);
  now = 31_000;
  await new Promise<void>((resolve) => mute.once('close', () => resolve()).resume());
  while (!dealer.isClosed) await dealer.receive();
});

test('commands over a connection that we dialled are answered, HI gets HELLO, BYE closes it', async () => {
  const a = await start();
  const keys = newKeys();
  const router = new Router({ curveServer: true, curveSecretKey: z85(keys.secretKey), linger: 0 });
  stop.push(() => router.close());
  await router.bind('tcp://127.0.0.1:*');
  const port = Number(router.lastEndpoint!.split(':').at(-1));
  const asked = a.endpoint.request({ key: keys.publicKey, host: '127.0.0.1', port }, 'sn.ping', [], 5000);
  const [routingId, , tag] = (await router.receive()) as Buffer[];
  await router.send([routingId!, 'sn.ping', 'their tag']);
  expect(text((await router.receive()) as Buffer[])!.slice(1)).toEqual(['REPLY', 'their tag', 'pong']);
  await router.send([routingId!, 'REPLY', tag!, 'pong']);
  expect(await asked).toMatchObject({ ok: true });
  const unanswered = a.endpoint.request({ key: keys.publicKey, host: '127.0.0.1', port }, 'sn.ping', [], 60_000);
  await router.send([routingId!, 'BYE']);
  expect(await unanswered).toEqual({ ok: false, error: 'TIMEOUT' });
});

test('a reply to a node whose connection is gone goes over a new one', async () => {
  const answer = Promise.withResolvers<Uint8Array[]>();
  const caller = newKeys();
  const listening = new Router({ curveServer: true, curveSecretKey: z85(caller.secretKey), linger: 0 });
  stop.push(() => listening.close());
  await listening.bind('tcp://127.0.0.1:*');
  const port = Number(listening.lastEndpoint!.split(':').at(-1));
  const arrived = Promise.withResolvers<void>();
  const slow: OmqHandler = () => {
    arrived.resolve();
    return answer.promise;
  };
  const b = await start({ slow }, { addressOf: (key) => ({ key, host: '127.0.0.1', port }) });
  const dealer = await RawDealer.connect(b.port, b.keys.publicKey, caller);
  dealer.send('sn.slow', 'tag');
  await arrived.promise;
  dealer.close();
  // Once the far end has noticed the close, what it sends comes to the listener instead.
  const address = { key: caller.publicKey, host: '127.0.0.1', port };
  const noticed = listening.receive();
  while (await Promise.race([noticed.then(() => false), b.endpoint.request(address, 'sn.x', [], 20).then(() => true)]));
  answer.resolve([Buffer.from('done')]);
  let received: string[] = [];
  while (received[1] !== 'REPLY') received = text((await listening.receive()) as Buffer[])!;
  expect(received.slice(1)).toEqual(['REPLY', 'tag', 'done']);
});

test('a ZeroMQ dealer with CURVE is served', async () => {
  const b = await start({ info: () => [Buffer.from('{}')] });
  const keys = newKeys();
  const dealer = new Dealer({
    curveServerKey: z85(b.keys.publicKey),
    curvePublicKey: z85(keys.publicKey),
    curveSecretKey: z85(keys.secretKey),
    linger: 0,
  });
  stop.push(() => dealer.close());
  dealer.connect(`tcp://127.0.0.1:${b.port}`);
  await dealer.send(['HI']);
  expect(text((await dealer.receive()) as Buffer[])).toEqual(['HELLO']);
  await dealer.send(['storage.info', 'tag', '']);
  expect(text((await dealer.receive()) as Buffer[])).toEqual(['REPLY', 'tag', '{}']);
});

test('close answers what runs and then refuses', async () => {
  const answer = Promise.withResolvers<Uint8Array[]>();
  const arrived = Promise.withResolvers<void>();
  const slow: OmqHandler = () => {
    arrived.resolve();
    return answer.promise;
  };
  const [a, b] = [await start(), await start({ slow })];
  const asked = a.endpoint.request(addressOf(b), 'sn.slow', [], 5000);
  await arrived.promise;
  const closed = b.endpoint.close();
  answer.resolve([Buffer.from('last')]);
  expect(await asked).toMatchObject({ ok: true });
  await closed;
  expect(await a.endpoint.request(addressOf(b), 'sn.ping', [], 5000)).toMatchObject({ ok: false });
});

test('random bytes before, in and after the handshake never bring it down', async () => {
  const b = await start();
  const sendAndWait = (bytes: Uint8Array) =>
    new Promise<void>((resolve) => {
      const socket = connect(b.port, '127.0.0.1', () => socket.end(bytes));
      socket.on('error', () => {});
      socket.on('data', () => {});
      socket.on('close', () => resolve());
    });
  const { greeting } = dialCurve({ keys: newKeys(), listenerKey: b.keys.publicKey, random: randomBytes });
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 400 }),
      fc.constantFrom('raw', 'greeted', 'ready', 'message'),
      async (bytes, stage) => {
        if (stage === 'raw') return sendAndWait(bytes);
        if (stage === 'greeted') return sendAndWait(Buffer.concat([greeting, bytes]));
        const dealer = await RawDealer.connect(b.port, b.keys.publicKey);
        if (stage === 'ready') dealer.sendRaw(bytes);
        else dealer.send(bytes, bytes.subarray(1));
        dealer.close();
      },
    ),
    { numRuns: 100 },
  );
  const dealer = await RawDealer.connect(b.port, b.keys.publicKey);
  dealer.send('sn.ping', 'alive');
  expect(text(await dealer.receive())).toEqual(['REPLY', 'alive', 'pong']);
  dealer.close();
});

test('a peer that dies without a word is noticed in seconds by those who wait for it', async () => {
  let now = 0;
  const a = await start({}, { monotonicNow: () => now });
  const keys = newKeys();
  const dealer = await RawDealer.connect(a.port, a.keys.publicKey, keys);
  const back = { key: keys.publicKey, host: '127.0.0.1', port: 1 };
  const asked = a.endpoint.request(back, 'sn.ping', [], 60_000);
  await dealer.receive();
  dealer.pause();
  const step = setInterval(() => {
    now += 500;
  }, 50);
  expect(await asked).toEqual({ ok: false, error: 'TIMEOUT' });
  clearInterval(step);
  expect(now).toBeLessThan(25_000);
  dealer.close();
}, 10_000);

test('a node that cannot be reached is tried again after pauses that grow, and only by one request at a time', async () => {
  let now = 0;
  const keys = newKeys();
  const a = await start({}, { monotonicNow: () => now });
  const connections: Socket[] = [];
  const mute = createServer((socket) => connections.push(socket.on('error', () => {})));
  await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
  stop.push(() => mute.close());
  const address = { key: keys.publicKey, host: '127.0.0.1', port: (mute.address() as AddressInfo).port };
  const ask = () => a.endpoint.request(address, 'sn.ping', [], 60_000);
  const first = [ask(), ask()];
  now += 4_001;
  expect(await Promise.all(first)).toMatchObject([{ ok: false }, { ok: false }]);
  expect(await ask()).toMatchObject({ ok: false });
  now += 251;
  const again = ask();
  // Fails at once, although the attempt of the other goes on.
  expect(await ask()).toMatchObject({ ok: false });
  now += 4_001;
  expect(await again).toMatchObject({ ok: false });
  now += 251;
  expect(await ask()).toMatchObject({ ok: false });
  expect(connections).toHaveLength(2);
  for (const socket of connections) socket.destroy();
});
