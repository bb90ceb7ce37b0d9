import { WireError } from '../errors.ts';

/**
 * What a node knows of one message, or of one revocation (sync §3). States of one id are ordered, see
 * {@link isNewerState}, and members of a swarm take over the newer one.
 */
export interface SyncState {
  /** 43 base64 characters: the hash of the message, or the id of the revocation. */
  readonly id: string;
  /** Of a message: how often it was deleted, shortened or stored again. Of a revocation: the time of the request. */
  readonly revision: number;
  readonly kind: SyncKind;
  /** Of a message that was not deleted, ms; else 0. */
  readonly expiry: number;
}

/** A message that is kept or has expired; a deleted one; a subaccount that has its rights again, or has lost them. */
export type SyncKind = 'kept' | 'deleted' | 'unrevoked' | 'revoked';

const KINDS: readonly SyncKind[] = ['kept', 'deleted', 'unrevoked', 'revoked'];
const ID_BYTES = 32;
const STATE_BYTES = ID_BYTES + 6 + 1 + 6;
const MOST_48_BIT = 2 ** 48 - 1;

/** Whether to take over `theirs` where `ours` is known; `undefined`: nothing is (sync §3). */
export function isNewerState(theirs: SyncState, ours: SyncState | undefined): boolean {
  if (ours === undefined) return true;
  if (isRevocation(theirs) !== isRevocation(ours)) return false;
  if (theirs.revision !== ours.revision) return theirs.revision > ours.revision;
  if (theirs.kind !== ours.kind) return KINDS.indexOf(theirs.kind) > KINDS.indexOf(ours.kind);
  return theirs.expiry > ours.expiry;
}

export function isRevocation({ kind }: Pick<SyncState, 'kind'>): boolean {
  return kind === 'revoked' || kind === 'unrevoked';
}

/** The place of a kind in {@link SyncState}, as the wire and the database write it. */
export function kindNumber(kind: SyncKind): number {
  return KINDS.indexOf(kind);
}

/** @throws WireError `sync` for an unknown number. */
export function kindOfNumber(number: number): SyncKind {
  const kind = KINDS[number];
  if (kind === undefined) throw new WireError('sync', 'unknown kind of state');
  return kind;
}

/** Adds the fingerprint of a state to a sum of four 32-bit words at `place`; adding it again takes it away (sync §2). */
export function addFingerprint(sums: Uint32Array, place: number, state: SyncState): void {
  const bytes = Buffer.from(state.id, 'base64');
  for (let lane = 0; lane < 4; lane++) {
    let sum = Math.imul(lane + 1, 0x9e3779b1);
    for (let at = 0; at + 4 <= bytes.length; at += 4) sum = mixed(sum, bytes.readInt32LE(at));
    sum = mixed(sum, state.revision | 0);
    sum = mixed(sum, Math.floor(state.revision / 2 ** 32));
    sum = mixed(sum, state.expiry | 0);
    sum = mixed(sum, Math.floor(state.expiry / 2 ** 32) | 0);
    sum = mixed(sum, kindNumber(state.kind));
    sums[place + lane]! ^= finished(sum);
  }
}

/** MurmurHash3's mixing of a word into a sum. It need not withstand enemies: whoever finds equal sums hides from himself. */
function mixed(sum: number, word: number): number {
  const scrambled = Math.imul(word, 0xcc9e2d51);
  const turned = Math.imul((scrambled << 15) | (scrambled >>> 17), 0x1b873593);
  const joined = sum ^ turned;
  return (Math.imul((joined << 13) | (joined >>> 19), 5) + 0xe6546b64) | 0;
}

function finished(sum: number): number {
  let word = sum ^ (sum >>> 16);
  word = Math.imul(word, 0x85ebca6b);
  word ^= word >>> 13;
  word = Math.imul(word, 0xc2b2ae35);
  return word ^ (word >>> 16);
}

/** (sync §3) */
export function encodeStates(states: readonly SyncState[]): Uint8Array {
  const bytes = Buffer.alloc(states.length * STATE_BYTES);
  states.forEach(({ id, revision, kind, expiry }, place) => {
    const start = place * STATE_BYTES;
    bytes.write(id, start, ID_BYTES, 'base64');
    bytes.writeUIntBE(Math.min(revision, MOST_48_BIT), start + ID_BYTES, 6);
    bytes.writeUInt8(kindNumber(kind), start + ID_BYTES + 6);
    bytes.writeUIntBE(Math.max(0, Math.min(expiry, MOST_48_BIT)), start + ID_BYTES + 7, 6);
  });
  return bytes;
}

/** @throws WireError `sync` unless it is a whole number of states of known kinds. */
export function decodeStates(bytes: Uint8Array): SyncState[] {
  const count = bytes.length / STATE_BYTES;
  if (!Number.isInteger(count)) throw new WireError('sync', 'no list of states');
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: count }, (_, place) => {
    const start = place * STATE_BYTES;
    return {
      id: idOfBytes(view.subarray(start, start + ID_BYTES)),
      revision: view.readUIntBE(start + ID_BYTES, 6),
      kind: kindOfNumber(view.readUInt8(start + ID_BYTES + 6)),
      expiry: view.readUIntBE(start + ID_BYTES + 7, 6),
    };
  });
}

/** Ids, 32 bytes each (sync §4). */
export function encodeIds(ids: readonly string[]): Uint8Array {
  return Buffer.concat(ids.map((id) => Buffer.from(id, 'base64')));
}

/** @throws WireError `sync` unless it is a whole number of ids. */
export function decodeIds(bytes: Uint8Array): string[] {
  const count = bytes.length / ID_BYTES;
  if (!Number.isInteger(count)) throw new WireError('sync', 'no list of ids');
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: count }, (_, place) =>
    idOfBytes(view.subarray(place * ID_BYTES, (place + 1) * ID_BYTES)),
  );
}

function idOfBytes(bytes: Buffer): string {
  return bytes.toString('base64').slice(0, 43);
}
