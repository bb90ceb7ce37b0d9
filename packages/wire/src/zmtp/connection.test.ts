import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bytesToHex, concatBytes, type Random } from '../bytes/index.ts';
import { type KeyPair, x25519KeyPair } from '../crypto/index.ts';
import { WireError } from '../errors.ts';
import type { ZmtpConnection, ZmtpEvent, ZmtpReceived } from './connection.ts';
import { DEFAULT_LIMITS, type ZmtpLimits } from './limits.ts';
import { dialCurve, dialNull, listenCurve, listenNull } from './open.ts';

const diallerKeys = x25519KeyPair(new Uint8Array(32).fill(0x11));
const listenerKeys = x25519KeyPair(new Uint8Array(32).fill(0x22));
const strangerKeys = x25519KeyPair(new Uint8Array(32).fill(0x33));
const identity = Uint8Array.of(0x4c, ...diallerKeys.publicKey);

/** Every call gives other bytes, and every run the same. */
function predictable(start: number): Random {
  let next = start;
  return (size) => new Uint8Array(size).fill(next++);
}

interface Pair {
  dialler: ZmtpConnection;
  listener: ZmtpConnection;
}

interface PairOptions {
  limits?: ZmtpLimits;
  admit?: () => boolean;
}

const mechanisms = {
  CURVE: ({ limits = DEFAULT_LIMITS, admit = () => true }: PairOptions = {}): Pair => ({
    dialler: dialCurve({
      keys: diallerKeys,
      listenerKey: listenerKeys.publicKey,
      identity,
      random: predictable(0xa0),
      limits,
    }),
    listener: listenCurve({ keys: listenerKeys, random: predictable(0xb0), limits, admit }),
  }),
  NULL: ({ limits = DEFAULT_LIMITS, admit = () => true }: PairOptions = {}): Pair => ({
    dialler: dialNull({ identity, limits }),
    listener: listenNull({ limits, admit }),
  }),
};

/** Gives bytes to one side in memory that holds something else right after. */
function receiveInPassing(side: ZmtpConnection, bytes: Uint8Array): ZmtpReceived {
  const given = Uint8Array.from(bytes);
  const received = side.receive(given);
  given.fill(0xee);
  return received;
}

/** Carries bytes to and fro until both are silent; what each side wrote and learnt. */
function connect({ dialler, listener }: Pair) {
  const written = { dialler: [dialler.greeting], listener: [listener.greeting] };
  const events: Record<'dialler' | 'listener', ZmtpEvent[]> = { dialler: [], listener: [] };
  const delivered = { dialler: 0, listener: 0 };
  const deliver = (from: 'dialler' | 'listener', to: 'dialler' | 'listener', peer: ZmtpConnection): boolean => {
    const fresh = written[from].slice(delivered[from]);
    delivered[from] = written[from].length;
    const received = receiveInPassing(peer, concatBytes(...fresh));
    events[to].push(...received.events);
    written[to].push(...received.output);
    return fresh.length > 0;
  };
  while (deliver('dialler', 'listener', listener) || deliver('listener', 'dialler', dialler)) {
    // Each round may bring an answer to the one before.
  }
  return { written, events };
}

function connected(name: keyof typeof mechanisms, options?: PairOptions): Pair {
  const pair = mechanisms[name](options);
  connect(pair);
  expect(pair.dialler.ready && pair.listener.ready).toBe(true);
  return pair;
}

function errorOf(events: readonly ZmtpEvent[]): WireError | undefined {
  const last = events.at(-1);
  return last?.type === 'error' ? last.error : undefined;
}

const messages = fc.array(fc.array(fc.uint8Array({ maxLength: 600, size: 'max' }), { minLength: 1, maxLength: 4 }), {
  maxLength: 4,
});

/** Cuts bytes at the given places, in fractions of the whole. */
function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const offsets = [...places.map((place) => place % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  return offsets.map((offset, index) => bytes.subarray(offsets[index - 1] ?? 0, offset));
}

describe.each(['CURVE', 'NULL'] as const)('%s', (name) => {
  test('both sides get ready and learn who the other is', () => {
    const { events } = connect(mechanisms[name]());
    const key = (keys: KeyPair) => (name === 'CURVE' ? keys.publicKey : null);
    const text = (value: string) => new Uint8Array(Buffer.from(value));
    expect(events.listener).toEqual([
      {
        type: 'ready',
        peerKey: key(diallerKeys),
        metadata: new Map([
          ['socket-type', text('DEALER')],
          ['identity', identity],
        ]),
      },
    ]);
    expect(events.dialler).toEqual([
      {
        type: 'ready',
        peerKey: key(listenerKeys),
        metadata: new Map([
          ['socket-type', text('ROUTER')],
          ['identity', new Uint8Array(0)],
        ]),
      },
    ]);
  });

  test('messages arrive as they were sent, however the stream is cut', () => {
    fc.assert(
      fc.property(messages, fc.array(fc.nat(), { maxLength: 40 }), (sent, places) => {
        const original = mechanisms[name]();
        const handshake = connect(original).written.dialler;
        const stream = concatBytes(...handshake, ...sent.map((parts) => original.dialler.send(parts)));
        const expected = original.listener.receive(stream.subarray(concatBytes(...handshake).length)).events;
        expect(expected).toEqual(sent.map((parts) => ({ type: 'message', parts })));

        const { listener } = mechanisms[name]();
        const events = cut(stream, places).flatMap((chunk) => receiveInPassing(listener, chunk).events);
        expect(events.slice(1)).toEqual(expected);
        expect(events[0]?.type).toBe('ready');
      }),
    );
  });

  test('a changed stream gives events or an error, never anything else, and nothing after the error', () => {
    const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255), fc.constantFrom('replace', 'insert', 'remove')), {
      minLength: 1,
      maxLength: 3,
    });
    fc.assert(
      fc.property(changes, fc.array(fc.nat(), { maxLength: 5 }), fc.boolean(), (damage, places, toListener) => {
        const pair = mechanisms[name]();
        const { written } = connect(pair);
        const [from, to] = toListener ? (['dialler', 'listener'] as const) : (['listener', 'dialler'] as const);
        const stream = [...concatBytes(...written[from], pair[from].send([Uint8Array.of(1), Uint8Array.of(2, 3)]))];
        for (const [place, byte, how] of damage) {
          const at = place % stream.length;
          if (how === 'remove') stream.splice(at, 1);
          else stream.splice(at, how === 'replace' ? 1 : 0, byte);
        }
        const victim = mechanisms[name]()[to];
        const chunks = [...cut(Uint8Array.from(stream), places), Uint8Array.of(0, 0)];
        const events = chunks.flatMap((chunk) => victim.receive(chunk).events);
        const end = events.findIndex((event) => event.type === 'error');
        if (end >= 0) {
          expect(end).toBe(events.length - 1);
          expect(errorOf(events)).toMatchObject({ code: 'zmtp' });
          expect(victim.ready).toBe(false);
          expect(() => victim.send([Uint8Array.of(1)])).toThrow(WireError);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('arbitrary bytes after a good greeting are refused without anything else happening', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (noise) => {
        for (const side of ['dialler', 'listener'] as const) {
          const pair = mechanisms[name]();
          const other = side === 'dialler' ? pair.listener : pair.dialler;
          pair[side].receive(other.greeting);
          for (const event of pair[side].receive(noise).events) expect(event.type).toBe('error');
        }
      }),
      { numRuns: 500 },
    );
  });

  test('a large message in small pieces takes time in proportion to its size', () => {
    const { dialler, listener } = connected(name);
    const part = new Uint8Array(200_000).fill(9);
    const stream = dialler.send([part, part]);
    const events: ZmtpEvent[] = [];
    for (let offset = 0; offset < stream.length; offset += 3) {
      events.push(...listener.receive(stream.subarray(offset, offset + 3)).events);
    }
    expect(events).toEqual([{ type: 'message', parts: [part, part] }]);
  });

  test('it tells how much it holds of a message that is not whole', () => {
    const { dialler, listener } = connected(name);
    const stream = dialler.send([new Uint8Array(50_000), new Uint8Array(50_000)]);
    for (const part of cut(stream.subarray(0, 90_000), [30_000, 70_000])) listener.receive(part);
    expect(listener.heldBytes).toBeGreaterThanOrEqual(89_000);
    expect(listener.heldBytes).toBeLessThan(200_000);
    listener.receive(stream.subarray(90_000));
    expect(listener.heldBytes).toBe(0);
  });

  test('parts of a message that is not whole hold on to nothing but themselves', () => {
    const { dialler, listener } = connected(name);
    const stream = dialler.send([Uint8Array.of(1, 2, 3), Uint8Array.of(4), new Uint8Array(100)]);
    expect(listener.receive(stream.subarray(0, stream.length - 1)).events).toEqual([]);
    const [message] = listener.receive(stream.subarray(stream.length - 1)).events;
    const parts = message?.type === 'message' ? message.parts : [];
    expect(parts.map(({ length }) => length)).toEqual([3, 1, 100]);
    expect(parts.slice(0, 2).map(({ buffer }) => buffer.byteLength)).toEqual([3, 1]);
  });

  test('a PING is answered and a PONG is not', () => {
    const { dialler, listener } = connected(name);
    const { output, events } = listener.receive(dialler.ping(300));
    expect(events).toEqual([]);
    expect(output).toHaveLength(1);
    expect(dialler.receive(output[0]!)).toEqual({ events: [], output: [] });
  });

  test('a peer that is not admitted is told so and then gone', () => {
    const pair = mechanisms[name]({ admit: () => false });
    const { events } = connect(pair);
    expect(errorOf(events.listener)?.message).toBe('the peer was not admitted');
    expect(errorOf(events.dialler)?.detail).toBe('400');
    expect(pair.dialler.ready || pair.listener.ready).toBe(false);
  });

  test.each<[string, Partial<ZmtpLimits>, number[]]>([
    ['a long part', { frameBytes: 1000 }, [1001]],
    ['many parts', { parts: 3 }, [1, 1, 1, 1]],
    ['parts that are long together', { messageBytes: 100 }, [60, 60]],
  ])('%s is neither sent nor received', (_what, limits, sizes) => {
    const parts = sizes.map((size) => new Uint8Array(size));
    const strict = { ...DEFAULT_LIMITS, ...limits };
    expect(() => connected(name, { limits: strict }).dialler.send(parts)).toThrow(WireError);

    const lenient = mechanisms[name]();
    const { written } = connect(lenient);
    const { listener } = mechanisms[name]({ limits: strict });
    expect(listener.receive(concatBytes(...written.dialler)).events.map(({ type }) => type)).toEqual(['ready']);
    expect(errorOf(listener.receive(lenient.dialler.send(parts)).events)).toBeDefined();
  });

  test('what is exactly as long as allowed passes', () => {
    const { dialler, listener } = connected(name);
    const part = new Uint8Array(DEFAULT_LIMITS.frameBytes - (name === 'CURVE' ? 33 : 0));
    const { events } = listener.receive(dialler.send([part]));
    expect(events.map((event) => event.type === 'message' && event.parts[0]!.length)).toEqual([part.length]);
    expect(() => dialler.send([new Uint8Array(part.length + 1)])).toThrow(WireError);
  });

  test('a long frame is refused when its length is announced, before it is there', () => {
    const { listener } = connected(name);
    const header = Uint8Array.of(2, 0, 0, 0, 0, 0, 0xa0, 0, 1);
    expect(errorOf(listener.receive(header).events)?.message).toBe('frame too long');
    const early = mechanisms[name]();
    early.listener.receive(early.dialler.greeting);
    const { events } = early.listener.receive(Uint8Array.of(6, 0, 0, 0, 0, 0, 0, 0x10, 1));
    expect(errorOf(events)?.message).toBe('frame too long');
  });

  test('nothing can be sent before the handshake, after the end, or without parts', () => {
    const fresh = mechanisms[name]();
    expect(() => fresh.dialler.send([Uint8Array.of(1)])).toThrow(WireError);
    expect(() => fresh.dialler.ping(1)).toThrow(WireError);
    const { dialler, listener } = connected(name);
    expect(() => dialler.send([])).toThrow(WireError);
    const stream = dialler.send([Uint8Array.of(1)]);
    listener.close();
    expect(listener.receive(stream)).toEqual({ events: [], output: [] });
    expect(() => listener.send([Uint8Array.of(1)])).toThrow(WireError);
  });

  test.each<[string, number, number]>([
    ['another protocol', 0, 0x47],
    ['an older version', 10, 2],
    ['another mechanism', 12, 0x50],
  ])('a greeting of %s is refused', (_what, place, byte) => {
    const { dialler, listener } = mechanisms[name]();
    const greeting = listener.greeting.slice();
    greeting[place] = byte;
    const { events, output } = dialler.receive(greeting);
    expect(errorOf(events)).toBeDefined();
    expect(output).toEqual([]);
  });

  test('what peers may do differently in the greeting is taken', () => {
    const { dialler, listener } = mechanisms[name]();
    const greeting = listener.greeting.slice();
    greeting[8] = 0x22;
    greeting[11] = 9;
    greeting[32] = 0;
    expect(dialler.receive(greeting).events).toEqual([]);
  });
});

describe('CURVE in particular', () => {
  test('a listener with another key is not talked to', () => {
    const dialler = dialCurve({
      keys: diallerKeys,
      listenerKey: strangerKeys.publicKey,
      random: predictable(0xa0),
    });
    const { listener } = mechanisms.CURVE();
    const { events } = connect({ dialler, listener });
    expect(errorOf(events.listener)).toBeDefined();
    expect(dialler.ready).toBe(false);
  });

  test('nobody can claim the key of another', () => {
    const impostor: KeyPair = { publicKey: diallerKeys.publicKey, secretKey: strangerKeys.secretKey };
    const dialler = dialCurve({
      keys: impostor,
      listenerKey: listenerKeys.publicKey,
      random: predictable(0xa0),
    });
    const { listener } = mechanisms.CURVE();
    const { events } = connect({ dialler, listener });
    expect(errorOf(events.listener)?.message).toBe('the box of VOUCH does not open');
    expect(listener.ready).toBe(false);
  });

  test('a recorded handshake does not open another connection', () => {
    const { written } = connect(mechanisms.CURVE());
    const listener = listenCurve({ keys: listenerKeys, random: predictable(0xc0) });
    const { events } = listener.receive(concatBytes(...written.dialler));
    expect(errorOf(events)?.message).toBe('wrong cookie');
  });

  test.each(['dialler', 'listener'] as const)('a frame cannot be repeated to the %s', (victim) => {
    const pair = connected('CURVE');
    const frame = (victim === 'dialler' ? pair.listener : pair.dialler).send([Uint8Array.of(1)]);
    expect(errorOf(pair[victim].receive(frame).events)).toBeUndefined();
    expect(errorOf(pair[victim].receive(frame).events)?.message).toBe('a nonce that is not larger than the last');
  });

  test('a frame cannot be turned back to its sender', () => {
    const { dialler } = connected('CURVE');
    const frame = dialler.send([Uint8Array.of(1)]);
    expect(errorOf(dialler.receive(frame).events)).toBeDefined();
  });

  test('frames may be lost but not put out of order', () => {
    const { dialler, listener } = connected('CURVE');
    const frames = [1, 2, 3].map((byte) => dialler.send([Uint8Array.of(byte)]));
    expect(listener.receive(frames[0]!).events).toHaveLength(1);
    expect(listener.receive(frames[2]!).events).toEqual([{ type: 'message', parts: [Uint8Array.of(3)] }]);
    expect(errorOf(listener.receive(frames[1]!).events)).toBeDefined();
  });

  test('a low-order key is refused as the peer’s fault', () => {
    expect(() => dialCurve({ keys: diallerKeys, listenerKey: new Uint8Array(32), random: predictable(1) })).toThrow(
      WireError,
    );
    const { dialler, listener } = mechanisms.CURVE();
    const hello = dialler.receive(listener.greeting).output[0]!.slice();
    hello.fill(0, 2 + 6 + 2 + 72, 2 + 6 + 2 + 72 + 32);
    const { events } = listener.receive(concatBytes(dialler.greeting, hello));
    expect(errorOf(events)).toMatchObject({ code: 'zmtp' });
  });

  test('plain frames are not taken for traffic', () => {
    const { dialler, listener } = connected('CURVE');
    const plain = connected('NULL').dialler.send([Uint8Array.of(1)]);
    expect(errorOf(listener.receive(plain).events)?.message).toBe('expected MESSAGE');
    const sealed = dialler.send([Uint8Array.of(1)]).slice();
    sealed[0] = 1;
    expect(errorOf(connected('CURVE').listener.receive(sealed).events)).toBeDefined();
  });

  test('secrets are gone after the end', () => {
    const secrets: Uint8Array[] = [];
    const recording: Random = (size) => {
      const bytes = new Uint8Array(size).fill(0x77);
      if (size === 32) secrets.push(bytes);
      return bytes;
    };
    const dialler = dialCurve({ keys: diallerKeys, listenerKey: listenerKeys.publicKey, random: recording });
    const listener = listenCurve({ keys: listenerKeys, random: recording });
    connect({ dialler, listener });
    expect(secrets.map(bytesToHex)).toEqual(['00'.repeat(32), '00'.repeat(32)]);
  });
});

describe('heartbeats under NULL', () => {
  const command = (body: string) => Buffer.concat([Uint8Array.of(4, body.length), Buffer.from(body, 'latin1')]);

  test('the context comes back', () => {
    const { listener } = connected('NULL');
    const { output } = listener.receive(command('\x04PING\x00\x0acontext'));
    expect(Buffer.concat(output)).toEqual(command('\x04PONGcontext'));
  });

  test.each(['\x04PING', `\x04PING\x00\x00${'c'.repeat(17)}`, '', '\x00', '\x05PING', '\x05ERROR\x03500'])(
    'the command %j ends the connection',
    (body) => {
      expect(errorOf(connected('NULL').listener.receive(command(body)).events)).toBeDefined();
    },
  );

  test('a PING between the parts of a message does not disturb it', () => {
    const { dialler, listener } = connected('NULL');
    const message = dialler.send([Uint8Array.of(1), Uint8Array.of(2)]);
    const { events, output } = listener.receive(
      concatBytes(message.subarray(0, 3), command('\x04PING\x00\x0a'), message.subarray(3)),
    );
    expect(events).toEqual([{ type: 'message', parts: [Uint8Array.of(1), Uint8Array.of(2)] }]);
    expect(output).toHaveLength(1);
  });

  test('a command that is not known is ignored', () => {
    expect(connected('NULL').listener.receive(command('\x09SUBSCRIBEx'))).toEqual({ events: [], output: [] });
  });
});
