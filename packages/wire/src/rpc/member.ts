import { hexToBytes } from '../bytes/index.ts';
import { ed25519Verify } from '../crypto/index.ts';
import { WireError } from '../errors.ts';
import { isJsonObject, type JsonObject } from './json.ts';
import { asInteger, malformed, readBase64, readHashes, readObject, readStamp, type Stamp } from './reply-reader.ts';

/** A member of the swarm that did what was asked, with its signature (64 bytes) of the result. */
export interface MemberSuccess {
  readonly failed: false;
  readonly signature: Uint8Array;
}

/** A member of the swarm that did not (storage-rpc §2.6), or whose result makes no sense. */
export interface MemberFailure {
  readonly failed: true;
  readonly timeout: boolean;
  /** Status with which the member refused, if it did. */
  readonly code: number | null;
  readonly reason: string | null;
}

/** The combined answer of a swarm, by Ed25519 key of the member as 64 lower-case hex digits. */
export interface SwarmAnswer<Member extends MemberSuccess> extends Stamp {
  readonly members: ReadonlyMap<string, Member | MemberFailure>;
}

/** Hashes of one namespace, or by namespace if the request was for all. */
export type HashesByNamespace = readonly string[] | ReadonlyMap<number, readonly string[]>;

/**
 * Reads a combined answer. A member whose result is malformed counts as failed, because other members should not
 * suffer for it. @throws WireError `rpc` if the answer around the members is malformed.
 */
export function readSwarmAnswer<Member extends MemberSuccess>(
  body: unknown,
  readMember: (result: JsonObject) => Member,
): SwarmAnswer<Member> {
  const reply = readObject(body, 'answer');
  const members = new Map<string, Member | MemberFailure>();
  for (const [key, result] of Object.entries(readObject(reply.swarm, 'swarm'))) {
    if (!NODE_KEY.test(key)) malformed('swarm');
    members.set(key, readResult(result, readMember));
  }
  return { members, ...readStamp(reply) };
}

/** The signature that every successful member gives. */
export function readSuccess(result: JsonObject): MemberSuccess {
  return { failed: false, signature: readBase64(result, 'signature', 64) };
}

/** Reads `deleted` or `updated` of a request for one namespace or all. */
export function readHashesByNamespace(result: JsonObject, key: string): HashesByNamespace {
  const value = result[key];
  if (!isJsonObject(value)) return readHashes(value, key);
  return new Map(Object.entries(value).map(([name, hashes]) => [readNamespace(name, key), readHashes(hashes, key)]));
}

/** All hashes in one ascending order, as members sign them. */
export function sortedHashes(hashes: HashesByNamespace): string[] {
  return (Array.isArray(hashes) ? [...hashes] : [...hashes.values()].flat()).sort();
}

/** Whether a member, named by its key as 64 hex digits, signed these bytes. Anything malformed gives `false`. */
export function verifyMember(nodeKey: string, signed: Uint8Array, { signature }: MemberSuccess): boolean {
  return NODE_KEY.test(nodeKey) && ed25519Verify(signed, signature, hexToBytes(nodeKey));
}

const NODE_KEY = /^[0-9a-f]{64}$/;
const NAMESPACE = /^(?:0|-?[1-9][0-9]{0,4})$/;

function readResult<Member extends MemberSuccess>(
  value: unknown,
  readMember: (result: JsonObject) => Member,
): Member | MemberFailure {
  try {
    const result = readObject(value, 'member');
    return result.failed === undefined || result.failed === false || result.failed === 0
      ? readMember(result)
      : readFailure(result);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return { failed: true, timeout: false, code: null, reason: error.message };
  }
}

/** Nodes write the code as text; both forms are read. */
function readFailure({ timeout, code, reason }: JsonObject): MemberFailure {
  return {
    failed: true,
    timeout: timeout === true || timeout === 1,
    code: typeof code === 'string' && /^[0-9]{3}$/.test(code) ? Number(code) : numberOrNull(code),
    reason: typeof reason === 'string' ? reason : null,
  };
}

function numberOrNull(code: unknown): number | null {
  return typeof code === 'number' ? asInteger(code, 'code') : null;
}

function readNamespace(name: string, key: string): number {
  return NAMESPACE.test(name) ? Number(name) : malformed(key);
}
