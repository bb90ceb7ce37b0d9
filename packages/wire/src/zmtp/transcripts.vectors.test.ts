import { describe, expect, test } from 'vitest';
import { bytesToHex, hexToBytes, type Random } from '../bytes/index.ts';
import { boxOpen, x25519KeyPair } from '../crypto/index.ts';
import { loadVectors } from '../vectors-loader/index.ts';
import type { ZmtpConnection, ZmtpEvent } from './connection.ts';
import { decodeMetadata } from './metadata.ts';
import { dialCurve, dialNull, listenCurve, listenNull } from './open.ts';

interface Entry {
  from: 'us' | 'peer';
  what: string;
  hex: string;
  inner_flags?: number;
  data?: string;
  metadata?: Record<string, string>;
  reason?: string;
  client_public?: string;
}

interface CurveTranscript {
  kind: 'zmtp-curve';
  name: string;
  role: string;
  our_static_secret: string;
  our_ephemeral_secret: string;
  peer_static_public?: string;
  transcript: Entry[];
}

interface NullTranscript {
  kind: 'zmtp-null';
  name: string;
  role: string;
  transcript: Entry[];
}

/** A frame that we sent after the handshake. */
interface Sent {
  more: boolean;
  command: boolean;
  data: Uint8Array;
}

const { cases } = loadVectors<{ cases: (CurveTranscript | NullTranscript | { kind: string })[] }>('oxenmq-frames');

// The other kinds of this file are about whole OxenMQ messages, subscriptions and node keys; other rooms test them.
const curve = cases.filter((vector): vector is CurveTranscript => vector.kind === 'zmtp-curve');
const plain = cases.filter((vector): vector is NullTranscript => vector.kind === 'zmtp-null');

describe.each(curve.map((vector) => [vector.name, vector] as const))('CURVE: %s', (_name, vector) => {
  test('gives the recorded bytes and reads the recorded content', () => {
    const { transcript } = vector;
    const events = replay(curveConnection(vector), transcript, curveFrameReader(vector));
    expect(events.map(describeEvent)).toEqual(
      expectedEvents(transcript, (entry) => ({
        more: (entry.inner_flags! & 1) !== 0,
        command: (entry.inner_flags! & 2) !== 0,
        data: hexToBytes(entry.data!),
      })),
    );
    const peerKey = vector.peer_static_public ?? transcript.find((entry) => entry.client_public)?.client_public;
    for (const event of events) if (event.type === 'ready') expect(bytesToHex(event.peerKey!)).toBe(peerKey);
  });
});

describe.each(plain.map((vector) => [vector.name, vector] as const))('NULL: %s', (_name, vector) => {
  const swapped = vector.transcript.map((entry) => ({ ...entry, from: entry.from === 'us' ? 'peer' : 'us' }) as Entry);

  test.each([
    ['as the side that recorded it', vector.transcript, isDialler(vector)],
    ['as its peer', swapped, !isDialler(vector)],
  ] as const)('%s: the recorded bytes and content', (_side, transcript, dials) => {
    const events = replay(dials ? dialNull() : listenNull(), transcript, plainFrame);
    expect(events.map(describeEvent)).toEqual(expectedEvents(transcript, plainFrame));
    for (const event of events) if (event.type === 'ready') expect(event.peerKey).toBeNull();
  });
});

/** Feeds what the peer wrote, sends what we sent, and expects that together it was what we wrote. */
function replay(
  connection: ZmtpConnection,
  transcript: readonly Entry[],
  readSent: (entry: Entry) => Sent,
): ZmtpEvent[] {
  const written = [connection.greeting];
  const events: ZmtpEvent[] = [];
  let parts: Uint8Array[] = [];
  for (const entry of transcript) {
    if (entry.from === 'peer') {
      const received = connection.receive(hexToBytes(entry.hex));
      events.push(...received.events);
      written.push(...received.output);
    } else if (isTraffic(entry)) {
      const { more, command, data } = readSent(entry);
      if (command) continue;
      parts.push(data);
      if (more) continue;
      written.push(connection.send(parts));
      parts = [];
    }
  }
  const expected = transcript.filter((entry) => entry.from === 'us').map((entry) => entry.hex);
  expect(bytesToHex(Buffer.concat(written))).toBe(expected.join(''));
  return events;
}

function expectedEvents(transcript: readonly Entry[], read: (entry: Entry) => Sent): unknown[] {
  const events: unknown[] = [];
  let parts: string[] = [];
  for (const entry of transcript) {
    if (entry.what === 'ERROR') events.push({ type: 'error', reason: entry.reason });
    if (entry.from === 'us') continue;
    // What ends the handshake is the peer's READY for a dialler, its INITIATE for a listener.
    if (entry.what === 'READY' || entry.what === 'INITIATE') events.push({ type: 'ready', ...metadataOf(entry) });
    if (!isTraffic(entry)) continue;
    const { more, command, data } = read(entry);
    if (command) continue;
    parts.push(bytesToHex(data));
    if (more) continue;
    events.push({ type: 'message', parts });
    parts = [];
  }
  return events;
}

function describeEvent(event: ZmtpEvent): unknown {
  switch (event.type) {
    case 'ready':
      return {
        type: 'ready',
        metadata: Object.fromEntries([...event.metadata].map(([name, value]) => [name, bytesToHex(value)])),
      };
    case 'message':
      return { type: 'message', parts: event.parts.map(bytesToHex) };
    case 'error':
      return { type: 'error', reason: event.error.detail };
  }
}

function metadataOf(entry: Entry): { metadata: Record<string, string> } {
  const recorded =
    entry.metadata ??
    Object.fromEntries(
      [...decodeMetadata(body(entry).subarray(1 + 'READY'.length))].map(([name, value]) => [name, bytesToHex(value)]),
    );
  return {
    metadata: Object.fromEntries(Object.entries(recorded).map(([name, value]) => [name.toLowerCase(), value])),
  };
}

/** A connection with our recorded secrets, the random parts taken from what was recorded. */
function curveConnection(vector: CurveTranscript): ZmtpConnection {
  const keys = x25519KeyPair(hexToBytes(vector.our_static_secret));
  const ephemeral = hexToBytes(vector.our_ephemeral_secret);
  const initiate = body(find(vector, 'INITIATE')).subarray(1 + 'INITIATE'.length);
  if (!isDialler(vector)) {
    const welcomeNonce = body(find(vector, 'WELCOME')).subarray(1 + 'WELCOME'.length, 1 + 'WELCOME'.length + 16);
    const cookie = initiate.subarray(0, 96);
    const refuses = vector.transcript.some((entry) => entry.from === 'us' && entry.what === 'ERROR');
    return listenCurve({ keys, random: inOrder(ephemeral, welcomeNonce, cookie), admit: () => !refuses });
  }
  const nonce = Buffer.concat([Buffer.from('CurveZMQINITIATE'), initiate.subarray(96, 104)]);
  const content = boxOpen(initiate.subarray(104), nonce, peerEphemeralKey(vector), ephemeral)!;
  return dialCurve({
    keys,
    listenerKey: hexToBytes(vector.peer_static_public!),
    identity: decodeMetadata(content.subarray(128)).get('identity')!,
    random: inOrder(ephemeral, content.subarray(32, 48)),
  });
}

function curveFrameReader(vector: CurveTranscript): (entry: Entry) => Sent {
  const prefix = isDialler(vector) ? 'CurveZMQMESSAGEC' : 'CurveZMQMESSAGES';
  return (entry) => {
    const message = body(entry).subarray(1 + 'MESSAGE'.length);
    const nonce = Buffer.concat([Buffer.from(prefix), message.subarray(0, 8)]);
    const secret = hexToBytes(vector.our_ephemeral_secret);
    const content = boxOpen(message.subarray(8), nonce, peerEphemeralKey(vector), secret)!;
    return { more: (content[0]! & 1) !== 0, command: (content[0]! & 2) !== 0, data: content.subarray(1) };
  };
}

function peerEphemeralKey(vector: CurveTranscript): Uint8Array {
  if (!isDialler(vector)) return body(find(vector, 'HELLO')).subarray(80, 112);
  const welcome = body(find(vector, 'WELCOME')).subarray(1 + 'WELCOME'.length);
  const nonce = Buffer.concat([Buffer.from('WELCOME-'), welcome.subarray(0, 16)]);
  const secret = hexToBytes(vector.our_ephemeral_secret);
  return boxOpen(welcome.subarray(16), nonce, hexToBytes(vector.peer_static_public!), secret)!.subarray(0, 32);
}

function plainFrame(entry: Entry): Sent {
  const flags = hexToBytes(entry.hex)[0]!;
  return { more: (flags & 1) !== 0, command: (flags & 4) !== 0, data: body(entry) };
}

function body({ hex }: Entry): Uint8Array {
  const frame = hexToBytes(hex);
  return frame.subarray((frame[0]! & 2) !== 0 ? 9 : 2);
}

function find(vector: CurveTranscript, what: string): Entry {
  return vector.transcript.find((entry) => entry.what === what)!;
}

function isTraffic({ what }: Entry): boolean {
  return what === 'MESSAGE' || what === 'frame';
}

function isDialler({ role }: { role: string }): boolean {
  return role.includes('DEALER');
}

function inOrder(...values: readonly Uint8Array[]): Random {
  const remaining = values.map((value) => new Uint8Array(value));
  return (size) => {
    const value = remaining.shift();
    expect(value?.length).toBe(size);
    return value!;
  };
}
