import {
  createInvite,
  type JoinRule,
  type NodeDescriptor,
  NodeList,
  networkId,
  signDescriptor,
} from '@sotto/directory';
import { bytesToHex } from '@sotto/wire/bytes';
import { describe, expect, test } from 'vitest';
import { CREATED, sampleFile, sampleKey, sampleKeys, sampleNode } from '../testing/sample.ts';
import { type Lists, Members, type SavedMembers } from './members.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const keys = sampleKeys(3);
const file = sampleFile(keys, 2);
const id = networkId(file);
const withCode = (code: string) => expect.objectContaining({ code });

interface Setup {
  readonly join?: JoinRule;
  readonly oneSite?: boolean;
  readonly lists?: Partial<Lists>;
  readonly listed?: NodeList | null;
  readonly saved?: SavedMembers | null;
}

const open = ({ join = 'open', oneSite = true, lists = {}, listed = null, saved = null }: Setup = {}) =>
  new Members(
    {
      networkId: id,
      parameters: () => ({ ...file.parameters, join, oneSite }),
      inviters: () => keys.map(({ publicKey }) => publicKey),
      lists: () => ({ admitted: new Set(), refused: new Set(), ...lists }),
      listed: () => listed,
    },
    saved,
  );

const invite = (number = 1, expiry = CREATED + DAY) =>
  createInvite(id, keys[1]!, expiry, (size) => new Uint8Array(size).fill(number));

function descriptor(index: number, changes: Partial<NodeDescriptor> = {}): Uint8Array {
  const whole = { networkId: id, node: sampleNode(index), time: CREATED, invite: null, ...changes };
  return signDescriptor(whole, sampleKey(`node ${index}`));
}

function send(members: Members, bytes: Uint8Array, now = CREATED): boolean {
  return members.take(members.judge(bytes, now), bytes);
}

const portsOf = (members: Members, now = CREATED) => members.nodes(now).map(({ node }) => node.httpsPort);
const nameOf = (index: number) => bytesToHex(sampleNode(index).ed25519Key);

describe('a descriptor', () => {
  test('brings its node in, and a newer one moves it', () => {
    const members = open();
    expect(send(members, descriptor(1))).toBe(true);
    expect(send(members, descriptor(1, { time: CREATED + 5, node: { ...sampleNode(1), httpsPort: 7 } }))).toBe(false);
    expect(portsOf(members)).toEqual([7]);
  });

  test('that was seen before, or an older one, is a replay', () => {
    const members = open();
    send(members, descriptor(1));
    for (const time of [CREATED, CREATED - 1]) {
      expect(() => send(members, descriptor(1, { time }))).toThrow(withCode('refused'));
    }
  });

  test.each([
    ['of another network', descriptor(1, { networkId: new Uint8Array(32) }), 'wrong-network'],
    ['of a clock far behind', descriptor(1, { time: CREATED - HOUR - 1 }), 'refused'],
    ['of a clock far ahead', descriptor(1, { time: CREATED + HOUR + 1 }), 'refused'],
    ['signed by somebody else', signDescriptorOf(1, 2), 'signatures'],
    ['that is none', new Uint8Array(9), 'encoding'],
  ])('%s is refused', (_what, bytes, code) => {
    const members = open();
    expect(() => send(members, bytes)).toThrow(withCode(code));
    expect(portsOf(members)).toEqual([]);
  });

  test('with a private address is for networks of one site', () => {
    expect(() => send(open({ oneSite: false }), descriptor(1))).toThrow('no public address');
    send(open({ oneSite: false }), descriptor(1, { node: { ...sampleNode(1), ip: '9.9.9.9' } }));
  });

  test('of a node that is silent for days is forgotten', () => {
    const members = open();
    send(members, descriptor(1));
    expect(portsOf(members, CREATED + 3 * DAY)).toEqual([20_001]);
    expect(portsOf(members, CREATED + 3 * DAY + 1)).toEqual([]);
  });
});

/** What a node would send that pretends to be another one. */
function signDescriptorOf(index: number, signer: number): Uint8Array {
  const forged = descriptor(index);
  const signature = descriptor(signer).subarray(-65, -1);
  return new Uint8Array(Buffer.concat([forged.subarray(0, -65), signature, forged.subarray(-1)]));
}

describe('with invites', () => {
  const join = 'invite' as const;

  test('a code lets one node in, and that node again and again', () => {
    const members = open({ join });
    expect(send(members, descriptor(1, { invite: invite() }))).toBe(true);
    expect(send(members, descriptor(1, { invite: invite(), time: CREATED + 1 }))).toBe(false);
    expect(send(members, descriptor(1, { time: CREATED + 2 }))).toBe(false);
    expect(() => send(members, descriptor(2, { invite: invite() }))).toThrow('another node has used');
    send(members, descriptor(2, { invite: invite(2) }));
    expect(portsOf(members)).toEqual([20_001, 20_002]);
  });

  test('nobody gets in without one, or with one that is too old, forged, or of another network', () => {
    const members = open({ join });
    const forged = createInvite(id, sampleKey('stranger'), CREATED + DAY, (size) => new Uint8Array(size));
    const foreign = createInvite(new Uint8Array(32), keys[1]!, CREATED + DAY, (size) => new Uint8Array(size));
    for (const code of [null, invite(1, CREATED - 1), forged, foreign]) {
      expect(() => send(members, descriptor(1, { invite: code }))).toThrow(withCode('invite'));
    }
    expect(members.save()).toEqual({ descriptors: [], claims: [] });
  });

  test('who is listed already needs none, and may have one that is worth nothing', () => {
    const directory = {
      epoch: 1,
      digest: new Uint8Array(32),
      validFrom: 0,
      validUntil: 1,
      parameters: file.parameters,
    };
    const listed = new NodeList({ ...directory, nodes: [{ ...sampleNode(1), swarmId: 5n }] });
    const members = open({ join, listed });
    expect(send(members, descriptor(1, { invite: new Uint8Array(91) }))).toBe(true);
    expect(members.save()).toMatchObject({ descriptors: [expect.any(String)], claims: [] });
  });

  test('what the authorities agreed on counts more than what one of them saw', () => {
    const members = open({ join });
    send(members, descriptor(1, { invite: invite() }));
    const [claim] = members.votes(() => true, CREATED).claims;
    members.adopt([{ invite: claim!.invite, node: sampleNode(2).ed25519Key }]);
    expect(portsOf(members)).toEqual([]);
    send(members, descriptor(2, { time: CREATED + 9 }));
    expect(() => send(members, descriptor(1, { invite: invite(), time: CREATED + 9 }))).toThrow(withCode('invite'));
  });

  test('all of it survives a restart', () => {
    const members = open({ join });
    send(members, descriptor(1, { invite: invite() }));
    const again = open({ join, saved: JSON.parse(JSON.stringify(members.save())) });
    expect(again.votes(() => true, CREATED)).toEqual(members.votes(() => true, CREATED));
    expect(() => send(again, descriptor(2, { invite: invite() }))).toThrow('another node has used');
    expect(() => send(again, descriptor(1))).toThrow('a newer descriptor');
  });
});

test('news are nodes that answer and that the directory does not have where they are', () => {
  const listedNode = { ...sampleNode(1), swarmId: 5n };
  const directory = { epoch: 1, digest: new Uint8Array(32), validFrom: 0, validUntil: 1, parameters: file.parameters };
  const members = open({ listed: new NodeList({ ...directory, nodes: [listedNode] }) });
  const names = (reachable = true) => members.unlisted(() => reachable, CREATED);
  send(members, descriptor(1));
  expect(names()).toEqual([]);
  send(members, descriptor(2));
  expect(names()).toEqual([expect.stringContaining(nameOf(2))]);
  expect(names(false)).toEqual([]);
  const before = names();
  send(members, descriptor(2, { time: CREATED + 1 }));
  expect(names()).toEqual(before);
  send(members, descriptor(1, { time: CREATED + 1, node: { ...sampleNode(1), ip: '127.0.0.9' } }));
  expect(names()).toHaveLength(2);
});

describe('lists', () => {
  test('let in where only listed nodes are, and the refusal tells the key', () => {
    const lists = { admitted: new Set([nameOf(1)]) };
    const members = open({ join: 'listed', lists });
    send(members, descriptor(1));
    expect(() => send(members, descriptor(2))).toThrow(nameOf(2));
    lists.admitted.delete(nameOf(1));
    expect(portsOf(members)).toEqual([]);
  });

  test('keep out whoever is in', () => {
    const lists = { refused: new Set<string>() };
    const members = open({ lists });
    send(members, descriptor(1));
    lists.refused.add(nameOf(1));
    expect(portsOf(members)).toEqual([]);
    expect(() => send(members, descriptor(1, { time: CREATED + 1 }))).toThrow(withCode('refused'));
  });
});
