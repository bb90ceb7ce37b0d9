import { BtDictReader, BtListReader } from '../bt/index.ts';
import { bytesToHex, concatBytes, utf8ToBytes } from '../bytes/index.ts';
import { ed25519PublicToX25519, ed25519Verify } from '../crypto/index.ts';
import { WireError } from '../errors.ts';
import { READ, TOKEN_SIZE, tokenAllows, tokenKey } from '../subaccount/index.ts';
import type { ReplyValue } from './reply.ts';

/** Why a registration was refused (storage-rpc §10). */
export type MonitorErrorCode = 1 | 2 | 3 | 4 | 5 | 6;

/** A refused registration: `text` is what the client reads. */
export interface MonitorFailure {
  readonly errcode: MonitorErrorCode;
  readonly text: string;
}

/** A registration whose signature is right: push what is stored for the account in these namespaces. */
export interface Monitoring {
  /** 33 bytes. */
  readonly account: Uint8Array;
  readonly accountId: string;
  /** Ascending. */
  readonly namespaces: readonly number[];
  /** Push the data of messages too. */
  readonly withData: boolean;
}

export type MonitorOutcome = Monitoring | MonitorFailure;

/** What came with one `monitor` request: `isList` tells whether the reply must be a list. */
export interface MonitorRequest {
  readonly isList: boolean;
  /** Can be gone through once; each signature is verified only then, because those of a long list take seconds. */
  readonly outcomes: Iterable<MonitorOutcome>;
}

/** How long a registration lasts, ms. */
export const MONITOR_DURATION = 65 * 60_000;

const DICT = 0x64;
const LIST = 0x6c;
const END = 0x65;
/** Bounds of the signature's time, seconds. */
const OLDEST = 14 * 86_400;
const NEWEST = 86_400;
const SESSION_ID_PREFIX = 0x05;
/** Registrations in one list; more than fit into the 5 MB that a push server sends at a time (storage-rpc §10). */
const MAX_REGISTRATIONS = 50_000;

/**
 * Reads and verifies `monitor.messages`: one dict or a list of them (storage-rpc §10); what stands between its end and
 * a last `e` is not looked at. Whether the account belongs to
 * this node's swarm is for the caller to check. `now` in ms. Throws nothing: what is wrong is an outcome.
 */
export function parseMonitor(bytes: Uint8Array, now: number): MonitorRequest {
  const type = bytes.at(-1) === END ? bytes[0] : undefined;
  if (type === DICT) return { isList: false, outcomes: outcomesOf([bytes], now) };
  if (type !== LIST) return malformed('monitor request takes a single bencoded dict or list parameter');
  const registrations: Uint8Array[] = [];
  try {
    const list = new BtListReader(bytes);
    while (list.next !== 'end') {
      if (list.next !== 'dict') return malformed('the list holds something else than dicts');
      if (registrations.length === MAX_REGISTRATIONS) return malformed('too many registrations in one list');
      registrations.push(list.readEncoded());
    }
  } catch (error) {
    if (error instanceof WireError) return malformed(error.message);
    throw error;
  }
  return { isList: true, outcomes: outcomesOf(registrations, now) };
}

function* outcomesOf(registrations: readonly Uint8Array[], now: number): Generator<MonitorOutcome, void> {
  for (const registration of registrations) yield readRegistration(registration, now);
}

/** A request that is no dict and no list of dicts is refused as a whole. */
function malformed(problem: string): MonitorRequest {
  return { isList: false, outcomes: [badArguments(problem)] };
}

/** Whether a registration was refused. */
export function isMonitorFailure(outcome: MonitorOutcome): outcome is MonitorFailure {
  return 'errcode' in outcome;
}

interface ReplyFields {
  readonly [key: string]: ReplyValue | undefined;
}

/** The refusal of an account that belongs to another swarm; `swarm` is the swarm object (storage-rpc §7, §10). */
export function foreignMonitorReply(swarm: ReplyFields): ReplyFields {
  return {
    errcode: 6,
    error: "Account is not stored by this service node's swarm",
    snodes: swarm.snodes,
    swarm: swarm.swarm,
  };
}

/** The reply to one registration. */
export function monitorReply(outcome: MonitorOutcome): ReplyValue {
  return isMonitorFailure(outcome) ? { errcode: outcome.errcode, error: outcome.text } : { success: 1 };
}

/** What the signature of a registration covers; `time` in seconds (storage-rpc §10). */
export function monitorSignedBytes(monitoring: Omit<Monitoring, 'account'>, time: number): Uint8Array {
  const { accountId, namespaces, withData } = monitoring;
  return utf8ToBytes(`MONITOR${accountId}${time}${withData ? 1 : 0}${namespaces.join(',')}`);
}

function readRegistration(bytes: Uint8Array, now: number): MonitorOutcome {
  try {
    return verified(readFields(bytes), Math.floor(now / 1000));
  } catch (error) {
    if (error instanceof Refusal) return error.failure;
    if (error instanceof WireError) return badArguments(error.message);
    throw error;
  }
}

interface Fields {
  readonly sessionKey: Uint8Array | null;
  readonly account: Uint8Array | null;
  readonly subaccount: { readonly signature: Uint8Array; readonly token: Uint8Array } | null;
  readonly withData: boolean;
  readonly namespaces: readonly number[];
  readonly signature: Uint8Array;
  readonly time: number;
}

/** Keys stand in ascending order, capitals first. */
function readFields(bytes: Uint8Array): Fields {
  const reader = new BtDictReader(bytes);
  const sessionKey = reader.skipTo('P') ? sized(reader.readBytes(), 32, 'Provided P= Session Ed25519 pubkey') : null;
  const subaccountSignature = reader.skipTo('S')
    ? sized(reader.readBytes(), 64, 'Provided S subaccount signature')
    : null;
  const subaccount = subaccountSignature && {
    signature: subaccountSignature,
    token: sized(reader.at('T').readBytes(), TOKEN_SIZE, 'Provided T subaccount token'),
  };
  const withData = reader.skipTo('d') && reader.readBoolean();
  const namespaces = readNamespaces(reader.at('n').readList());
  const account = reader.skipTo('p') ? sized(reader.readBytes(), 33, 'Provided p= pubkey') : null;
  const signature = reader.at('s').readBytes();
  if (signature.length !== 64) refuse(5, 'Provided s= signature must be 64 bytes');
  if (!reader.skipTo('t')) refuse(1, 'Invalid arguments: required signature timestamp is missing');
  return { sessionKey, account, subaccount, withData, namespaces, signature, time: reader.readNumber() };
}

function readNamespaces(list: BtListReader): number[] {
  const namespaces = [list.readNumber('int16')];
  while (list.next !== 'end') {
    const namespace = list.readNumber('int16');
    if (namespace <= namespaces.at(-1)!) refuse(3, 'Invalid n= namespace list: namespaces must be ascending');
    namespaces.push(namespace);
  }
  return namespaces;
}

function verified(fields: Fields, now: number): Monitoring {
  const { account, key } = readKeys(fields);
  const { namespaces, subaccount, signature, time, withData } = fields;
  if (time < now - OLDEST) refuse(4, 'Invalid t= signature timestamp: timestamp is too old');
  if (time > now + NEWEST) refuse(4, 'Invalid t= signature timestamp: timestamp is in the future');
  const signer = subaccount === null ? key : verifiedSubaccount(subaccount, account, key);
  const monitoring = { account, accountId: bytesToHex(account), namespaces, withData };
  if (!ed25519Verify(monitorSignedBytes(monitoring, time), signature, signer))
    refuse(5, 'Signature verification failed');
  return monitoring;
}

function readKeys({ sessionKey, account }: Fields): { account: Uint8Array; key: Uint8Array } {
  if (sessionKey !== null && account !== null) {
    refuse(1, 'Invalid arguments: Cannot provide both p= and P= pubkey values');
  }
  if (account !== null) return { account, key: account.subarray(1) };
  if (sessionKey === null) refuse(1, 'Invalid arguments: Either p= or P= must be given');
  const x25519Key = ed25519PublicToX25519(sessionKey);
  if (x25519Key === null) refuse(2, 'Invalid P= ed25519 public key');
  return { account: concatBytes(Uint8Array.of(SESSION_ID_PREFIX), x25519Key), key: sessionKey };
}

/** Revocations are not looked at here (storage-rpc §10). */
function verifiedSubaccount(
  { token, signature }: NonNullable<Fields['subaccount']>,
  account: Uint8Array,
  key: Uint8Array,
): Uint8Array {
  if (!tokenAllows(token, account[0]!, 0)) refuseSubaccount('subaccount network prefix mismatch');
  if (!tokenAllows(token, account[0]!, READ)) refuseSubaccount('subaccount is missing the required permissions');
  if (!ed25519Verify(token, signature, key)) refuseSubaccount('subaccount token signature verification failed');
  return tokenKey(token);
}

function sized(bytes: Uint8Array, size: number, what: string): Uint8Array {
  return bytes.length === size ? bytes : refuse(2, `${what} must be ${size} bytes`);
}

/** Leaves the reading of one registration; never leaves this file. */
class Refusal extends Error {
  readonly failure: MonitorFailure;

  constructor(failure: MonitorFailure) {
    super(failure.text);
    this.failure = failure;
  }
}

function refuse(errcode: MonitorErrorCode, text: string): never {
  throw new Refusal({ errcode, text });
}

function refuseSubaccount(reason: string): never {
  refuse(5, `Subaccount verification failed: ${reason}`);
}

function badArguments(detail: string): MonitorFailure {
  return { errcode: 1, text: `Invalid arguments: ${detail}` };
}
