import { randomBytes } from 'node:crypto';
import { bytesToBase64, bytesToHex, hexToBytes } from '@sotto/wire/bytes';
import { ed25519KeyPair, ed25519Sign, ed25519Verify } from '@sotto/wire/crypto';
import { messageHash } from '@sotto/wire/rpc';
import { afterAll, beforeAll, beforeEach, expect } from 'vitest';
import { RawDealer } from './foreign-peer.ts';
import { TestNetwork } from './test-network.ts';

/*
 * A swarm of five for what the network's own test-suite asserts, over OxenMQ (storage-rpc §15). The account is another one in
 * every test; a test file is a process's own, so what belongs to the test that runs is kept here.
 */

export const NODES = 5;
export const TTL = 86_400_000;

let network: TestNetwork;
let dealers: RawDealer[];

/** Starts the swarm for all tests of a file, and makes an account before each. */
export function useSuiteSwarm(): void {
  beforeAll(async () => {
    network = await TestNetwork.start(NODES, { durability: 'process-kill' });
    await network.publish();
    dealers = await Promise.all(network.nodes.map(({ omqPort, keys }) => RawDealer.connect(omqPort, keys.x25519)));
  });

  afterAll(async () => {
    for (const dealer of dealers ?? []) dealer.close();
    await network?.close();
  });

  beforeEach(() => {
    keys = newKeys();
    now = Date.now();
    actAs(`03${bytesToHex(keys.publicKey)}`);
  });
}

/** The connection to a node. */
export const dealer = (node: number): RawDealer => dealers[node]!;

/** Parameters or a body. */
export type Json = Record<string, unknown>;

/** Sends `storage.<method>`; the parts of the reply as text. */
export async function call(method: string, params: Json | Uint8Array | string, node = 0): Promise<string[]> {
  const isRaw = params instanceof Uint8Array || typeof params === 'string';
  dealers[node]!.send(`storage.${method}`, 'tag', isRaw ? params : JSON.stringify(params));
  const [word, tag, ...rest] = (await dealers[node]!.receive())!.map((part) => Buffer.from(part).toString('latin1'));
  expect([word, tag]).toEqual(['REPLY', 'tag']);
  return rest;
}

/** The body of a reply that must be a success. */
export async function done<Body = Json>(method: string, params: Json, node = 0): Promise<Body> {
  const parts = await call(method, params, node);
  expect(parts, parts.join(' ')).toHaveLength(1);
  return JSON.parse(parts[0]!) as Body;
}

/** What a member answered. */
export type Member = Json & { signature: string; failed?: boolean };

/** A request that every member must carry out; what each answered. */
export async function onSwarm(method: string, params: Json, node = 0): Promise<Record<string, Member>> {
  const { swarm } = await done<{ swarm: Record<string, Member> }>(method, params, node);
  expect(Object.keys(swarm)).toHaveLength(NODES);
  for (const member of Object.values(swarm)) expect(member.failed).toBeUndefined();
  return swarm;
}

/** Every member signed what it did; `what` gives the text for a member's result. */
export function expectSigned(swarm: Record<string, Member>, what: (member: Member) => string | Uint8Array): void {
  for (const [key, member] of Object.entries(swarm)) {
    const signed = Buffer.from(what(member) as string);
    expect(ed25519Verify(signed, Buffer.from(member.signature, 'base64'), hexToBytes(key))).toBe(true);
  }
}

/** Ed25519 keys. */
export const newKeys = () => ed25519KeyPair(randomBytes(32));
type Keys = ReturnType<typeof newKeys>;
/** A signature as base64. */
export const sign = (keys: Keys, text: string | Uint8Array) =>
  bytesToBase64(ed25519Sign(Buffer.from(text as string), keys.secretKey));
export const base64 = (text: string) => Buffer.from(text).toString('base64');
/** The hash of a message. */
export const hashOf = (id: string, namespace: number, text: string) =>
  messageHash(hexToBytes(id), namespace, Buffer.from(text));

/** Of the account. */
export let keys: Keys;
/** The account; at first one that is its key. */
export let id: string;
/** When the test began. */
export let now: number;

/** Another account belongs to the keys of this test. */
export function actAs(account: string): void {
  id = account;
}

/** Parameters of an unsigned store. */
export const storing = (text: string, changes: Json = {}) => ({
  pubkey: id,
  timestamp: now,
  ttl: TTL,
  data: base64(text),
  ...changes,
});
/** NS of signed texts. */
export const namespaceText = (namespace: number | 'all') => (namespace === 0 ? '' : String(namespace));
/** Parameters of a signed store. */
export const signedStore = (text: string, namespace: number, changes: Json = {}) =>
  storing(text, { namespace, signature: sign(keys, `store${namespaceText(namespace)}${now}`), ...changes });
/** Parameters of a signed retrieve. */
export const retrieving = (namespace = 0, changes: Json = {}) => ({
  pubkey: id,
  ...(namespace !== 0 && { namespace }),
  timestamp: now,
  signature: sign(keys, `retrieve${namespaceText(namespace)}${now}`),
  ...changes,
});

/** The answer to a retrieve. */
export interface Page {
  readonly messages: readonly { hash: string; timestamp: number; expiration: number; data: string }[];
  readonly more: boolean;
}

/** What a node keeps. */
export const retrieved = (namespace = 0, node = 1) => done<Page>('retrieve', retrieving(namespace), node);
export const hashesIn = async (namespace = 0, node = 1) =>
  (await retrieved(namespace, node)).messages.map(({ hash }) => hash);

/** Stores texts in namespace 0, each a second later than the one before; gives their hashes. */
export async function stored(...texts: string[]): Promise<string[]> {
  for (const [index, text] of texts.entries())
    await done('store', storing(text, { timestamp: now - 5000 + index * 1000 }));
  return texts.map((text) => hashOf(id, 0, text));
}

export const byBytes = (hashes: readonly string[]) => [...hashes].sort();
