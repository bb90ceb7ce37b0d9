import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { base64ToBytes, bytesToBase64, bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from '../bytes/index.ts';
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
  namespaceRules,
  parseAnswer,
  parseForwardedRequest,
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
  verifyMember,
} from './index.ts';

interface Verdict {
  status: number;
  text?: string;
}

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
      hash_hex?: string;
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
  | (Named & { kind: 'monitor' });

type Kind = Case['kind'];
/** Tested elsewhere: the store of a node pages, and registrations have a test of their own. */
type ElsewhereKind = 'retrieve_paging' | 'monitor';
type CaseOf<K extends Kind> = Extract<Case, { kind: K }>;

const checks: { [K in Exclude<Kind, ElsewhereKind>]: (vector: CaseOf<K>) => void } = {
  message_hash({ pubkey, namespace, data_hex, data_repeat_hex, data_length, hash, hash_hex }) {
    const data = data_hex === undefined ? Buffer.alloc(data_length!, data_repeat_hex!, 'hex') : hexToBytes(data_hex);
    const ours = messageHash(hexToBytes(pubkey), namespace, data);
    expect(ours).toBe(hash);
    if (hash_hex !== undefined) expect(bytesToHex(base64ToBytes(ours))).toBe(hash_hex);
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
    expectVerdict(request, vector);
    expectSameAfterWriting(request);
    const signer = fixedSigner(request, hexToBytes(vector.signing_seed));
    expect(bytesToHex(signer.sign(signedBytes(request)!).signature)).toBe(vector.signature_hex);
    const { method, params } = rebuild(request, signer);
    expectSame(parseRequest(method, { format: 'json', value: params }), request);
    if (vector.reference_status === 200) expectGoodReply(request, vector.reference_body);
  },

  request_signature_only({ method, account_seed, signed_message_hex, signature_hex, params }) {
    const request = parseRequest(method, { format: 'json', value: params });
    const signed = signedBytes(request)!;
    expect(bytesToHex(signed)).toBe(signed_message_hex);
    expect(bytesToHex(ed25519Sign(signed, ed25519KeyPair(hexToBytes(account_seed)).secretKey))).toBe(signature_hex);
    expect(verdict(request, Number(params.timestamp))).toEqual({ status: 200 });
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

  // Scenarios are replayed on nodes; here only that parsing and checking agree with every answer that needs no store.
  exchange({ steps }) {
    let now = 0;
    for (const step of steps) {
      now = step.clock_ms ?? now;
      checkStep(step, now);
    }
  },
};

const { cases } = loadVectors<{ cases: Case[] }>('storage-signatures');

const ELSEWHERE: readonly string[] = ['retrieve_paging', 'monitor'] satisfies ElsewhereKind[];

cases.forEach((vector, index) => {
  if (ELSEWHERE.includes(vector.kind)) return;
  test(`${vector.kind} ${index}: ${vector.name}`, () => {
    const check = checks[vector.kind as keyof typeof checks] as ((vector: Case) => void) | undefined;
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

function verdict(request: StorageRequest, now: number, isRevoked = false, forwarded = false): Verdict {
  const failure = checkRequest(request, { now, forwarded, isRevoked: () => isRevoked });
  return failure === null ? { status: 200 } : { status: failure.status, text: failure.text };
}

/**
 * The verdict of the reference. Whether a token was revoked at that moment depends on what its node was told before, so
 * both answers are right for a token that some case revokes; where revocation must not matter they are the same.
 */
function expectVerdict(request: StorageRequest, vector: SignatureCase): void {
  const expected = expectedVerdict(request, vector);
  const found = verdict(request, vector.clock_ms);
  if (!mayBeRevoked(request)) {
    expect(found).toEqual(expected);
    return;
  }
  const whenRevoked = verdict(request, vector.clock_ms, true);
  expect([found, whenRevoked]).toContainEqual(expected);
  const revocationMatters = request.method !== 'retrieve' || !namespaceRules(request.namespace).unrevocableRetrieve;
  if (found.status === 200) expect(whenRevoked.status).toBe(revocationMatters ? 401 : 200);
}

/** New nodes carry out what 2.8 fails at in the end (storage-rpc §16); whether anything was deleted needs a store. */
function expectedVerdict(request: StorageRequest, { reference_status, reference_body }: SignatureCase): Verdict {
  const failsAfterwards = request.method === 'delete_before' && reference_body === 'request failed';
  const deletedNothing = request.method === 'delete' && reference_status === 404;
  if (reference_status === 200 || failsAfterwards || deletedNothing) return { status: 200 };
  return { status: reference_status, text: reference_body as string };
}

function mayBeRevoked(request: StorageRequest): boolean {
  const token = 'auth' in request ? request.auth?.subaccount?.token : undefined;
  return token !== undefined && revokedSomewhere.has(bytesToHex(token));
}

/** The tokens that the cases of this file revoke, as hex. */
const revokedSomewhere = new Set(
  cases.flatMap((vector) => {
    if (vector.kind !== 'request_signature' || vector.method !== 'revoke_subaccount') return [];
    const request = parseRequest(vector.method, { format: 'json', value: vector.params });
    return 'tokens' in request ? request.tokens.map(bytesToHex) : [];
  }),
);

function outcome(parse: () => StorageRequest, now: number, fromMember = false): Verdict {
  try {
    return verdict(parse(), now, false, fromMember);
  } catch (error) {
    if (!(error instanceof RpcFailure)) throw error;
    return { status: error.status, text: error.text };
  }
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
    // The store of 2.8 fails where it should not (storage-rpc §16).
    if (member.failed) continue;
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

/** What was refused before anything was looked up must be refused here; what was not must get as far as that. */
function checkStep(step: Step, now: number): void {
  if (step.request_body !== undefined) {
    const { request_body, status = 200, body_text } = step;
    const parse = () => {
      const { method, params } = readEnvelope(request_body);
      return parseRequest(method, params);
    };
    expectOutcome(outcome(parse, now), status, body_text, step.label);
  } else if (step.request_hex !== undefined && step.endpoint !== undefined) {
    checkOmqStep(step, hexToBytes(step.request_hex), now);
  }
}

function checkOmqStep(step: Step, part: Uint8Array, now: number): void {
  const fromMember = step.transport === 'omq sn.storage_cc';
  const parse = () => {
    if (fromMember) return parseForwardedRequest(step.endpoint!, part);
    return parseRequest(step.endpoint!.replace('storage.', ''), readOmqParams(part));
  };
  const parts = step.reply_parts_hex!.map((hex) => Buffer.from(hex, 'hex').toString('utf8'));
  const status = parts.length === 1 ? 200 : Number(parts[0]);
  expectOutcome(outcome(parse, now, fromMember), status, parts[1], step.label);
}

/** Statuses whose reason lies in the request alone. The others may come from revocations, other swarms, the store. */
const OF_THE_REQUEST = [400, 403, 406];
const GATE_OF_2_8 = 'expire: multi-expiry requests are not yet active on the network';

function expectOutcome(found: Verdict, status: number, text: string | undefined, label: string): void {
  if (text === GATE_OF_2_8) expect(found, label).toEqual({ status: 200 });
  else if (OF_THE_REQUEST.includes(status)) expect(found, label).toEqual({ status, text });
  else if (status === 401 && found.status !== 200) expect(found, label).toEqual({ status, text });
  else if (status === 421) expect(found.status, label).not.toBe(400);
  // What 2.8 cannot read makes it fail; a new node refuses it (storage-rpc §3.1).
  else if (status === 500 && text === 'request failed') expect([200, 400], label).toContain(found.status);
  else expect(found, label).toEqual({ status: 200 });
}
