import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { bytesToBase64, bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from '../bytes/index.ts';
import { ed25519KeyPair, ed25519Sign, ed25519Verify } from '../crypto/index.ts';
import { tokenFlags, tokenKey } from '../subaccount/index.ts';
import { accountTextPosition } from '../swarm/index.ts';
import { loadVectors } from '../vectors-loader/index.ts';
import {
  btParams,
  buildDelete,
  buildDeleteAll,
  buildDeleteBefore,
  buildExpire,
  buildExpireAll,
  buildGetExpiries,
  buildRetrieve,
  buildRevoke,
  buildStore,
  type CheckContext,
  checkRequest,
  type DeleteAllMember,
  type DeleteMember,
  deleteAllMemberBytes,
  deleteBeforeMemberBytes,
  deleteMemberBytes,
  type ExpireAllMember,
  type ExpireMember,
  expireAllMemberBytes,
  expireMemberBytes,
  forwardedParams,
  isSwarmRequest,
  jsonRequest,
  type MemberSuccess,
  messageHash,
  monitorReply,
  namespaceRules,
  parseAnswer,
  parseForwardedRequest,
  parseMonitor,
  parseRequest,
  type RequestSigner,
  RpcFailure,
  readEnvelope,
  readOmqParams,
  revokeMemberBytes,
  type StorageRequest,
  type StoreMember,
  type SwarmAnswer,
  type SwarmRequest,
  signedBytes,
  storeMemberBytes,
  toBt,
  verifyMember,
} from './index.ts';

interface Named {
  name: string;
}

interface RequestCase extends Named {
  method: string;
  clock_ms: number;
  params: Record<string, unknown>;
}

interface SignatureCase extends RequestCase {
  account: string;
  signing_seed: string;
  signed_message_hex: string;
  signature_hex: string;
  bt_params_hex: string;
  reference_status: number;
  reference_body: unknown;
}

interface Row {
  namespace: number;
  public_inbox: boolean;
  public_outbox: boolean;
  noauth_retrieve: boolean;
  unrevocable_retrieve: boolean;
}

interface Step {
  label: string;
  clock_ms?: number;
  transport?: 'http' | 'omq' | 'omq sn.storage_cc';
  endpoint?: string;
  request_body?: string;
  request_hex?: string;
  status?: number;
  body_text?: string;
  reply_parts_hex?: string[];
}

type Case =
  | (Named & {
      kind: 'message_hash';
      pubkey: string;
      namespace: number;
      data_hex?: string;
      data_repeat_hex?: string;
      data_length?: number;
      hash: string;
    })
  | (Named & { kind: 'namespace_rules'; rows: Row[]; sha256_of_all: string })
  | (Named & { kind: 'swarm_space'; pubkey: string; swarm_space: string })
  | (SignatureCase & { kind: 'request_signature' })
  | (Named & {
      kind: 'request_signature_only';
      method: string;
      account_seed: string;
      signed_message_hex: string;
      signature_hex: string;
      params: Record<string, unknown>;
    })
  | (Named & {
      kind: 'subaccount_token';
      account_seed: string;
      subaccount_pubkey: string;
      flags: number;
      token_hex: string;
      token_b64: string;
      subaccount_sig_hex: string;
    })
  | (Named & {
      kind: 'subaccount_access_matrix';
      clock_ms: number;
      rows: ({ flags: number } & Record<string, number>)[];
    })
  | (RequestCase & { kind: 'rejected_request'; status: number; body_text: string })
  | (Named & {
      kind: 'node_signature';
      node_seed: string;
      node_pubkey_ed25519: string;
      signed_message_hex: string;
      signature_hex: string;
    })
  | (Named & { kind: 'exchange'; steps: Step[] })
  | (Named & { kind: 'retrieve_paging' })
  | (Named & { kind: 'monitor'; clock_ms: number; request_hex: string; reply_hex: string });

type Kind = Case['kind'];
type CaseOf<K extends Kind> = Extract<Case, { kind: K }>;

/** What the reference had stored before each case: tokens that are revoked, as hex. */
const revoked = new Set<string>();

const checks: { [K in Kind]: (vector: CaseOf<K>) => void } = {
  message_hash({ pubkey, namespace, data_hex, data_repeat_hex, data_length, hash }) {
    const data = data_hex === undefined ? Buffer.alloc(data_length!, data_repeat_hex!, 'hex') : hexToBytes(data_hex);
    expect(messageHash(hexToBytes(pubkey), namespace, data)).toBe(hash);
  },

  namespace_rules({ rows, sha256_of_all }) {
    for (const row of rows) {
      expect(namespaceRules(row.namespace)).toEqual({
        publicInbox: row.public_inbox,
        publicOutbox: row.public_outbox,
        noAuthRetrieve: row.noauth_retrieve,
        unrevocableRetrieve: row.unrevocable_retrieve,
      });
    }
    const all = Uint8Array.from({ length: 65536 }, (_, index) => {
      const rules = namespaceRules(index - 32768);
      const bits = [rules.publicInbox, rules.publicOutbox, rules.noAuthRetrieve, rules.unrevocableRetrieve];
      return bits.reduce((sum, bit, position) => sum + (bit ? 1 << position : 0), 0);
    });
    expect(createHash('sha256').update(all).digest('hex')).toBe(sha256_of_all);
  },

  swarm_space({ pubkey, swarm_space }) {
    expect(accountTextPosition(pubkey)).toBe(BigInt(swarm_space));
  },

  request_signature(vector) {
    const request = parseRequest(vector.method, { format: 'json', value: vector.params });
    expectSame(parseRequest(vector.method, { format: 'bt', bytes: hexToBytes(vector.bt_params_hex) }), request);
    expect(bytesToHex(signedBytes(request)!)).toBe(vector.signed_message_hex);
    expect(verdict(request, vector.clock_ms)).toEqual({
      status: vector.reference_status,
      ...(vector.reference_status !== 200 && { text: vector.reference_body }),
    });
    expectSameAfterWriting(request);
    const signer = fixedSigner(request, hexToBytes(vector.signing_seed));
    expect(bytesToHex(signer.sign(signedBytes(request)!).signature)).toBe(vector.signature_hex);
    const { method, params } = rebuild(request, signer);
    expectSame(parseRequest(method, { format: 'json', value: params }), request);
    remember(request, vector.reference_status);
    if (vector.reference_status === 200) expectGoodReply(request, vector.reference_body);
  },

  request_signature_only({ method, account_seed, signed_message_hex, signature_hex, params }) {
    const request = parseRequest(method, { format: 'json', value: params });
    const signed = signedBytes(request)!;
    expect(bytesToHex(signed)).toBe(signed_message_hex);
    expect(bytesToHex(ed25519Sign(signed, ed25519KeyPair(hexToBytes(account_seed)).secretKey))).toBe(signature_hex);
    expect(verdict(request, params.timestamp as number)).toEqual({ status: 200 });
  },

  subaccount_token({ account_seed, subaccount_pubkey, flags, token_hex, token_b64, subaccount_sig_hex }) {
    const token = hexToBytes(token_hex);
    expect(tokenFlags(token)).toBe(flags);
    expect(bytesToHex(tokenKey(token))).toBe(subaccount_pubkey);
    expect(bytesToBase64(token)).toBe(token_b64);
    expect(bytesToHex(ed25519Sign(token, ed25519KeyPair(hexToBytes(account_seed)).secretKey))).toBe(subaccount_sig_hex);
  },

  subaccount_access_matrix({ clock_ms, rows }) {
    const group = ed25519KeyPair(new Uint8Array(32).fill(1));
    const member = ed25519KeyPair(new Uint8Array(32).fill(2));
    for (const { flags, ...expected } of rows) {
      const token = concatBytes(Uint8Array.of(3, flags, 0, 0), member.publicKey);
      const tokenSignature = ed25519Sign(token, group.secretKey);
      const signer = (prefix: string): RequestSigner => ({
        accountId: prefix + bytesToHex(group.publicKey),
        sign: (message) => ({
          signature: ed25519Sign(message, member.secretKey),
          ed25519Key: null,
          subaccount: { token, signature: tokenSignature },
        }),
      });
      const requests = accessRequests(signer('03'), signer('99'), clock_ms);
      const statuses = Object.entries(expected).map(([name]) => {
        const build = requests[name];
        if (build === undefined) throw new Error(`unknown column ${name}`);
        const { method, params } = build();
        return [name, verdict(parseRequest(method, { format: 'json', value: params }), clock_ms).status];
      });
      expect(Object.fromEntries(statuses)).toEqual(expected);
    }
  },

  rejected_request({ method, params, clock_ms, status, body_text }) {
    expect(outcome(() => parseRequest(method, { format: 'json', value: params }), clock_ms)).toEqual({
      status,
      text: body_text,
    });
  },

  node_signature({ node_seed, node_pubkey_ed25519, signed_message_hex, signature_hex }) {
    const node = ed25519KeyPair(hexToBytes(node_seed));
    expect(bytesToHex(node.publicKey)).toBe(node_pubkey_ed25519);
    const signed = hexToBytes(signed_message_hex);
    expect(bytesToHex(ed25519Sign(signed, node.secretKey))).toBe(signature_hex);
    expect(ed25519Verify(signed, hexToBytes(signature_hex), node.publicKey)).toBe(true);
  },

  // Scenarios are replayed on nodes; here only that parsing and checking agree with every answer of these two.
  exchange({ name, steps }) {
    if (name === 'parsing and validation' || name === 'OMQ and bencoded requests') steps.forEach(checkStep);
  },

  // The store of a node pages, and its own tests use these.
  retrieve_paging: () => undefined,

  monitor({ clock_ms, request_hex, reply_hex }) {
    const { isList, outcomes } = parseMonitor(hexToBytes(request_hex), clock_ms);
    const replies = outcomes.map(monitorReply);
    expect(comparableMonitorReply(toBt(isList ? replies : replies[0]!))).toBe(
      comparableMonitorReply(hexToBytes(reply_hex)),
    );
  },
};

const { cases, vectors } = loadVectors<{ cases?: Case[]; vectors?: Case[] }>('storage-signatures');

(cases ?? vectors ?? []).forEach((vector, index) => {
  test(`${vector.kind} ${index}: ${vector.name}`, () => {
    const check = checks[vector.kind] as ((vector: Case) => void) | undefined;
    if (check === undefined) throw new Error(`unknown kind ${vector.kind}`);
    check(vector);
  });
});

interface ForwardedCase {
  kind: string;
  command: string;
  client_json_params: Record<string, unknown>;
  second_part: string;
}

const forwarded = loadVectors<{ cases: ForwardedCase[] }>('bt-encoding').cases.filter(
  ({ kind }) => kind === 'storage-cc',
);

forwarded.forEach(({ command, client_json_params, second_part }, index) => {
  test(`storage-cc ${index}: ${command}`, () => {
    const request = parseRequest(command, { format: 'json', value: client_json_params });
    if (!isSwarmRequest(request)) throw new Error('not a request that is forwarded');
    expect(bytesToHex(forwardedParams(request))).toBe(second_part);
    const expected = request.method === 'delete' ? { ...request, required: false } : request;
    expectSame(parseForwardedRequest(command, hexToBytes(second_part)), expected);
  });
});

/** The text after "Invalid arguments: " is free. */
function comparableMonitorReply(bytes: Uint8Array): string {
  return Buffer.from(bytes)
    .toString('latin1')
    .replaceAll(/[0-9]+:Invalid arguments: .*$/g, 'invalid arguments');
}

function contextAt(now: number, fromMember = false): CheckContext {
  return { now, forwarded: fromMember, isRevoked: (token) => revoked.has(bytesToHex(token)) };
}

function verdict(request: StorageRequest, now: number, fromMember = false): { status: number; text?: string } {
  const failure = checkRequest(request, contextAt(now, fromMember));
  return failure === null ? { status: 200 } : { status: failure.status, text: failure.text };
}

function outcome(parse: () => StorageRequest, now: number, fromMember = false): { status: number; text?: string } {
  try {
    return verdict(parse(), now, fromMember);
  } catch (error) {
    if (!(error instanceof RpcFailure)) throw error;
    return { status: error.status, text: error.text };
  }
}

function remember(request: StorageRequest, status: number): void {
  if (status !== 200) return;
  if (request.method === 'revoke_subaccount') for (const token of request.tokens) revoked.add(bytesToHex(token));
  if (request.method === 'unrevoke_subaccount') for (const token of request.tokens) revoked.delete(bytesToHex(token));
}

function expectSameAfterWriting(request: StorageRequest): void {
  expectSame(parseRequest(request.method, { format: 'json', value: jsonRequest(request).params }), request);
  expectSame(parseRequest(request.method, { format: 'bt', bytes: btParams(request) }), request);
}

/** Bytes are views of different kinds in requests that came in different forms; clones are plain arrays. */
function expectSame(actual: StorageRequest, expected: StorageRequest): void {
  expect(structuredClone(actual)).toEqual(structuredClone(expected));
}

/** The answer of the reference is read, and its node signed what a member of the swarm signs. */
function expectGoodReply(request: StorageRequest, body: unknown): void {
  if (request.method === 'batch' || request.method === 'sequence' || request.method === 'ifelse') return;
  const answer = parseAnswer(request.method, { code: 200, body });
  if (answer.kind !== 'done') throw new Error('not done');
  if (!isSwarmRequest(request)) return;
  const { members } = answer.reply as SwarmAnswer<MemberSuccess>;
  expect(members.size).toBeGreaterThan(0);
  for (const [key, member] of members) {
    if (member.failed) throw new Error(member.reason ?? 'failed');
    expect(verifyMember(key, memberBytes(request, member), member)).toBe(true);
  }
}

function memberBytes(request: SwarmRequest, member: MemberSuccess): Uint8Array {
  switch (request.method) {
    case 'store':
      return storeMemberBytes((member as StoreMember).hash);
    case 'delete':
      return deleteMemberBytes(request, (member as DeleteMember).deleted);
    case 'delete_all':
      return deleteAllMemberBytes(request, (member as DeleteAllMember).deleted);
    case 'delete_before':
      return deleteBeforeMemberBytes(request, (member as DeleteAllMember).deleted);
    case 'expire':
      return expireMemberBytes(request, member as ExpireMember);
    case 'expire_all':
      return expireAllMemberBytes(request, (member as ExpireAllMember).updated);
    case 'revoke_subaccount':
    case 'unrevoke_subaccount':
      return revokeMemberBytes(request);
  }
}

/** Signs with the seed of a vector and brings the rest of the proof from the request. */
function fixedSigner(request: StorageRequest, seed: Uint8Array): RequestSigner {
  if (!('auth' in request) || request.auth === null) throw new Error('not signed');
  const { ed25519Key, subaccount } = request.auth;
  const { secretKey } = ed25519KeyPair(seed);
  return {
    accountId: request.accountId,
    sign: (message) => ({ signature: ed25519Sign(message, secretKey), ed25519Key, subaccount }),
  };
}

/** The same request as a client builds it. */
function rebuild(request: StorageRequest, signer: RequestSigner) {
  switch (request.method) {
    case 'store':
      return buildStore({ ...request, signer, ttl: request.expiry - request.timestamp });
    case 'retrieve':
      return buildRetrieve(signer, {
        namespace: request.namespace,
        lastHash: request.lastHash,
        timestamp: request.timestamp!,
        ...(request.maxCount !== null && { maxCount: request.maxCount }),
        ...(request.maxSize !== null && { maxSize: request.maxSize }),
      });
    case 'delete':
      return buildDelete(signer, request);
    case 'delete_all':
      return buildDeleteAll(signer, request);
    case 'delete_before':
      return buildDeleteBefore(signer, request);
    case 'expire_all':
      return buildExpireAll(signer, request);
    case 'get_expiries':
      return buildGetExpiries(signer, request);
    case 'revoke_subaccount':
    case 'unrevoke_subaccount':
      return buildRevoke(signer, request);
    case 'expire':
      return buildExpire(signer, { ...request, expiry: request.expiries });
    default:
      throw new Error(`no builder for ${request.method}`);
  }
}

const SOME_HASH = 'W7URYciY6YNaMOCj3+6kYZy9sp+4+zyJz1yBW9jKf2c';

function accessRequests(
  signer: RequestSigner,
  other: RequestSigner,
  now: number,
): Record<string, () => ReturnType<typeof buildStore>> {
  const { accountId } = signer;
  const messages = [SOME_HASH];
  const data = utf8ToBytes('data');
  const store = (namespace: number) => buildStore({ accountId, namespace, data, timestamp: now, ttl: 60_000, signer });
  const retrieve = { namespace: 11, timestamp: now };
  return {
    retrieve: () => buildRetrieve(signer, retrieve),
    retrieve_as_other_prefix_99: () => buildRetrieve(other, retrieve),
    get_expiries: () => buildGetExpiries(signer, { messages, timestamp: now }),
    store: () => store(11),
    store_outbox: () => store(-1),
    expire: () => buildExpire(signer, { messages, expiry: now + 60_000 }),
    expire_shorten: () => buildExpire(signer, { messages, expiry: now + 60_000, mode: 'shorten' }),
    expire_all: () => buildExpireAll(signer, { namespace: 11, expiry: now }),
    delete: () => buildDelete(signer, { messages }),
    delete_before: () => buildDeleteBefore(signer, { namespace: 11, before: now }),
    delete_all: () => buildDeleteAll(signer, { namespace: 11, timestamp: now }),
  };
}

/** Answers that depend on what the node stored: those of `delete` with `required`. */
function checkStep(step: Step): void {
  if (step.clock_ms === undefined || step.status === 404) return;
  if (step.request_body !== undefined) {
    const { request_body, status = 200, body_text } = step;
    const parse = () => {
      const { method, params } = readEnvelope(request_body);
      return parseRequest(method, params);
    };
    const expected = status === 200 ? { status } : { status, text: body_text };
    expect(outcome(parse, step.clock_ms), step.label).toEqual(expected);
  } else if (step.request_hex !== undefined && step.endpoint !== undefined) {
    checkOmqStep(step, hexToBytes(step.request_hex));
  }
}

function checkOmqStep(step: Step, part: Uint8Array): void {
  const fromMember = step.transport === 'omq sn.storage_cc';
  const parse = () => {
    if (fromMember) return parseForwardedRequest(step.endpoint!, part);
    return parseRequest(step.endpoint!.replace('storage.', ''), readOmqParams(part));
  };
  const parts = step.reply_parts_hex!.map((hex) => Buffer.from(hex, 'hex').toString('utf8'));
  const expected = parts.length === 1 ? { status: 200 } : { status: Number(parts[0]), text: parts[1] };
  expect(outcome(parse, step.clock_ms!, fromMember), step.label).toEqual(expected);
}
