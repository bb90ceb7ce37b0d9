import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bytesToHex, utf8ToBytes } from '../bytes/index.ts';
import { WireError } from '../errors.ts';
import { buildOnion, type NodeDestination, type OnionRequest, type ServerDestination } from './build-onion.ts';
import { MAX_ONION_BYTES, parseEdgeBody, type SealedLayer } from './edge-body.ts';
import { decodeHopMessage, encodeHopMessage } from './hop-message.ts';
import { type PeeledLayer, peelLayer } from './layer.ts';
import { sealNodeReply } from './node-reply.ts';
import { decodePayload } from './payload.ts';
import { openServerBody, sealServerReply } from './server-body.ts';
import { sizeClass } from './size-class.ts';
import { seededRandom, type TestNode, testNodes } from './test-nodes.ts';
import { encodeV4Reply } from './v4-reply.ts';
import { decodeV4Request } from './v4-request.ts';

const random = seededRandom('build-onion');
const nodes = testNodes(6, random);
const [destination] = testNodes(1, random) as [TestNode];
const RPC = utf8ToBytes('{"method":"info","params":{}}');

/** Sends a body along the path as its nodes would, up to the layer that is not passed to another node. */
function travel(body: Uint8Array, path: readonly TestNode[]): { last: PeeledLayer; hopNumbers: number[] } {
  const edge = parseEdgeBody(body);
  const hopNumbers = [edge.hopNumber];
  let layer: SealedLayer = edge;
  for (const node of path) {
    const peeled = peelLayer(node.x25519, layer);
    if (peeled.kind !== 'relay-node') return { last: peeled, hopNumbers };
    const message = decodeHopMessage(encodeHopMessage({ ...peeled, hopNumber: hopNumbers.at(-1)! + 1 }));
    hopNumbers.push(message.hopNumber);
    layer = message;
  }
  throw new Error('the onion leads beyond its path');
}

function toNode(body: Uint8Array, more: Partial<OnionRequest<NodeDestination>> = {}) {
  return buildOnion({
    path: nodes.slice(0, 3),
    destination: { kind: 'node', ...destination, body },
    random,
    ...more,
  });
}

function serverDestination(body: Uint8Array | null, endpoint = '/room'): ServerDestination {
  return {
    kind: 'server',
    x25519Key: destination.x25519Key,
    protocol: 'https',
    host: 'files.example.org',
    port: 443,
    request: { method: 'POST', endpoint, headers: { 'X-One': '1' }, body },
  };
}

describe('to a node', () => {
  test('any body over any path arrives, and its answer comes back', () => {
    const cases = fc.record({
      body: fc.uint8Array({ maxLength: 3000 }),
      length: fc.integer({ min: 1, max: 5 }),
      hopNumber: fc.option(fc.integer({ min: 0, max: 12 }), { nil: undefined }),
      padded: fc.boolean(),
      answer: fc.string({ unit: 'grapheme' }),
      kind: fc.constantFrom('text' as const, 'json' as const),
      status: fc.integer({ min: 200, max: 599 }),
    });
    fc.assert(
      fc.property(cases, ({ body, length, hopNumber, padded, answer, kind, status }) => {
        const path = nodes.slice(0, length);
        const onion = toNode(body, {
          path,
          ...(hopNumber !== undefined && { hopNumber }),
          ...(padded && { padTo: 'size-class' as const }),
        });
        const { last, hopNumbers } = travel(onion.body, [...path, destination]);
        expect(hopNumbers).toEqual(Array.from({ length: length + 1 }, (_, index) => (hopNumber ?? 0) + index));
        if (last.kind !== 'final') throw new Error(`arrived as ${last.kind}`);
        expect(bytesToHex(last.body)).toBe(bytesToHex(body));
        const text = kind === 'json' ? JSON.stringify({ answer }) : answer;
        const sealed = sealNodeReply(last.replyKey, { status, body: { kind, text } }, random, last);
        expect(onion.openReply(sealed)).toEqual({ status, body: text });
      }),
    );
  });

  test('padded bodies have the size of a class, whatever they hold', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 9000 }), fc.integer({ min: 0, max: 12 }), (size, hopNumber) => {
        const { body } = toNode(new Uint8Array(size), { hopNumber, padTo: 'size-class' });
        expect(Math.log2(body.length / 1024) % 1).toBe(0);
        expect(body.length / 2).toBeLessThan(Math.max(size + 1200, 1024));
      }),
    );
  });

  test('a request grows to 10 MiB, and no further', () => {
    const overhead = toNode(new Uint8Array()).body.length;
    const largest = new Uint8Array(MAX_ONION_BYTES - overhead);
    expect(toNode(largest, { padTo: 'size-class' }).body.length).toBe(MAX_ONION_BYTES);
    expect(toNode(largest.subarray(7), { padTo: 'size-class' }).body.length).toBe(MAX_ONION_BYTES);
    expect(() => toNode(new Uint8Array(largest.length + 1))).toThrow(WireError);
  });

  test('every layer has another key, says xchacha20, and does not show the hop number to others than the guard', () => {
    const edge = toNode(RPC, { hopNumber: 9 }).body;
    let layer: SealedLayer = parseEdgeBody(edge);
    expect(decodePayload(edge).json).toMatchObject({ enc_type: 'xchacha20', hop_no: 9 });
    const keys = new Set([bytesToHex(layer.ephemeralKey)]);
    for (const node of nodes.slice(0, 3)) {
      const peeled = peelLayer(node.x25519, layer);
      if (peeled.kind !== 'relay-node') throw new Error(`arrived as ${peeled.kind}`);
      expect(peeled.encryptionType).toBe('xchacha20');
      keys.add(bytesToHex(peeled.ephemeralKey));
      layer = peeled;
    }
    expect(keys.size).toBe(4);
  });

  test('an answer with any byte changed, left out or added does not open', () => {
    const answer = { status: 200, body: { kind: 'text' as const, text: 'hello' } };
    fc.assert(
      fc.property(
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        fc.constantFrom('change', 'cut', 'add'),
        (at, bits, how) => {
          const onion = toNode(RPC);
          const { last } = travel(onion.body, [...nodes.slice(0, 3), destination]);
          if (last.kind !== 'final') throw new Error(`arrived as ${last.kind}`);
          let sealed = sealNodeReply(last.replyKey, answer, random);
          if (how === 'cut') sealed = sealed.subarray(0, at % sealed.length);
          else if (how === 'add') sealed = Uint8Array.of(...sealed, bits);
          else sealed[at % sealed.length]! ^= bits;
          expect(() => onion.openReply(sealed)).toThrow(WireError);
        },
      ),
    );
  });

  test('only the destination of this very request can answer it, and only once', () => {
    const onion = toNode(RPC);
    const other = travel(toNode(RPC).body, [...nodes.slice(0, 3), destination]).last;
    const own = travel(onion.body, [...nodes.slice(0, 3), destination]).last;
    if (other.kind !== 'final' || own.kind !== 'final') throw new Error('did not arrive');
    const answer = { status: 200, body: { kind: 'text' as const, text: '' } };
    expect(() => toNode(RPC).openReply(sealNodeReply(other.replyKey, answer, random))).toThrow('does not open');
    expect(onion.openReply(sealNodeReply(own.replyKey, answer, random))).toEqual({ status: 200, body: '' });
    expect(() => onion.openReply(sealNodeReply(own.replyKey, answer, random))).toThrow('no longer awaited');
  });

  test('wrappers of another form are refused, whoever sealed them', () => {
    const wrong = [
      '{"body":1,"status":200}',
      '{"body":"x"}',
      '{"body":"x","status":"200"}',
      '{"body":"","status":1e9}',
    ];
    for (const json of [...wrong, '[]', '', 'x', '{"body":"","status":20.5}', '\ufeff{"body":"","status":200}']) {
      const onion = toNode(RPC);
      const { last } = travel(onion.body, [...nodes.slice(0, 3), destination]);
      if (last.kind !== 'final') throw new Error(`arrived as ${last.kind}`);
      const sealed = sealServerReply(last.replyKey, utf8ToBytes(json), 'base64', random);
      expect(() => onion.openReply(sealed), json).toThrow(WireError);
    }
  });

  test('an unusable key or an empty path is an error of the caller', () => {
    const zero = { ...destination, x25519Key: new Uint8Array(32) };
    expect(() => toNode(RPC, { path: [zero] })).toThrow(WireError);
    expect(() => toNode(RPC, { path: [] })).toThrow(WireError);
  });
});

describe('to a server', () => {
  function send(body: Uint8Array | null, endpoint?: string, padTo?: 'size-class') {
    const path = nodes.slice(0, 3);
    const onion = buildOnion({
      path,
      destination: serverDestination(body, endpoint),
      random,
      ...(padTo && { padTo }),
    });
    const { last } = travel(onion.body, path);
    if (last.kind !== 'relay-server') throw new Error(`arrived as ${last.kind}`);
    return { onion, relay: last, opened: openServerBody(destination.x25519, last.payload) };
  }

  test('any request arrives in whole, and its answer comes back', () => {
    const cases = [
      fc.uint8Array({ maxLength: 2000 }),
      fc.string({ unit: 'grapheme', maxLength: 50 }),
      fc.boolean(),
    ] as const;
    fc.assert(
      fc.property(...cases, (body, endpoint, padded) => {
        const { onion, relay, opened } = send(body, `/${endpoint}`, padded ? 'size-class' : undefined);
        const { protocol, host, port, target } = relay;
        expect({ protocol, host, port, target }).toEqual({
          protocol: 'https',
          host: 'files.example.org',
          port: 443,
          target: '/oxen/v4/lsrpc',
        });
        const request = decodeV4Request(opened.payload);
        expect(request.endpoint).toBe(`/${endpoint}`);
        expect(request.headers.get('x-one')).toBe('1');
        expect(bytesToHex(request.body)).toBe(bytesToHex(body));
        const answer = { status: 200, headers: { 'Content-Type': 'application/octet-stream' }, body };
        const sealed = sealServerReply(opened.replyKey, encodeV4Reply(answer), 'raw', random);
        const reply = onion.openReply(sealed);
        expect(bytesToHex(reply.body)).toBe(bytesToHex(body));
        expect(reply.headers.get('content-type')).toBe('application/octet-stream');
      }),
    );
  });

  test('padded bodies have the size of a class, also where the metadata length gains a digit', () => {
    let withSlack = 0;
    for (let size = 0; size < 260; size++) {
      const { onion, relay } = send(new Uint8Array(size), undefined, 'size-class');
      expect(onion.body.length, `${size}`).toBe(sizeClass(send(new Uint8Array(size)).onion.body.length));
      if (relay.payload.at(-1) === 0x20) withSlack++;
    }
    expect(withSlack).toBeGreaterThan(0);
  });

  test('an answer with a byte changed does not open', () => {
    const { onion, opened } = send(null);
    const answer = encodeV4Reply({ status: 200, headers: {}, body: new Uint8Array() });
    const sealed = sealServerReply(opened.replyKey, answer, 'raw', random);
    sealed[sealed.length - 1]! ^= 1;
    expect(() => onion.openReply(sealed)).toThrow(WireError);
  });
});
