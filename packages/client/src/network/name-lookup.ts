import { WireError } from '@sotto/wire';
import { bytesToBase64 } from '@sotto/wire/bytes';
import { NO_NAMES_TEXT, onsNameHash, openOnsValue, readOnsName, readOnsReply } from '@sotto/wire/ons';
import {
  batchOf,
  buildOxendRequest,
  type JsonRequest,
  parseAnswer,
  parseBatchReply,
  type RpcResult,
} from '@sotto/wire/rpc';

/**
 * Why a name led to nobody: it can be no name; it is not registered; this network has no names; nodes told different
 * things, or something that does not belong to the name; too few nodes could be asked; the caller stopped.
 */
export type NameFailureReason = 'malformed' | 'unknown' | 'no-names' | 'contradictory' | 'unreachable' | 'stopped';

/** A name could not be turned into an account. */
export class NameFailure extends Error {
  readonly reason: NameFailureReason;

  constructor(reason: NameFailureReason) {
    super(`the name leads to nobody: ${reason}`);
    this.name = 'NameFailure';
    this.reason = reason;
  }
}

/** What looking up names needs of the network. */
export interface NameNodes {
  /**
   * Sends a request to several nodes at random, each over a path; what they answer, `null` for each node that does not.
   * Fewer if the network has fewer nodes.
   */
  askAtRandom(count: number, request: JsonRequest, signal: AbortSignal): Promise<readonly (RpcResult | null)[]>;
}

/** What one node said; two that say the same have equal texts. */
type Said =
  | { readonly kind: 'value'; readonly text: string; readonly open: () => Promise<string> }
  | { readonly kind: 'unknown' | 'no-names' };

/** All must say the same (messages §11). */
const NODES = 3;
/** Names belong to accounts of persons. */
const ACCOUNT = /^05[0-9a-f]{64}$/;

/**
 * The account id (66 hex digits) that a name of the network's name service (ONS) belongs to, as three nodes tell that know
 * neither each other's answers nor who asks (messages §11). @throws NameFailure
 */
export async function resolveName(name: string, nodes: NameNodes, signal: AbortSignal): Promise<string> {
  const known = readOnsName(name);
  if (known === null) throw new NameFailure('malformed');
  const answers = await nodes.askAtRandom(NODES, question(known), signal);
  if (signal.aborted) throw new NameFailure('stopped');
  const said = answers.map((answer) => answer && whatIsSaid(known, answer)).filter((each) => each !== null);
  if (said.length > 0 && said.every(({ kind }) => kind === 'no-names')) throw new NameFailure('no-names');
  if (said.length < NODES) throw new NameFailure('unreachable');
  const [first] = said;
  if (first?.kind === 'unknown' && said.every(({ kind }) => kind === 'unknown')) throw new NameFailure('unknown');
  if (first?.kind !== 'value' || !said.every((each) => each.kind === 'value' && each.text === first.text)) {
    throw new NameFailure('contradictory');
  }
  return opened(first.open);
}

/** In a batch, as stock clients ask. */
function question(name: string): JsonRequest {
  const params = { type: 0, name_hash: bytesToBase64(onsNameHash(name)) };
  return batchOf('batch', [buildOxendRequest('ons_resolve', params)]);
}

/** `null` if the node cannot say anything, or what it says is malformed. */
function whatIsSaid(name: string, { code, body }: RpcResult): Said | null {
  try {
    const [result] = code === 200 ? parseBatchReply(body, 1) : [];
    const answer = result && parseAnswer('oxend_request', result);
    if (answer?.kind === 'refused' && answer.text === NO_NAMES_TEXT) return { kind: 'no-names' };
    if (answer?.kind !== 'done') return null;
    const value = readOnsReply(answer.reply.result);
    if (value === null) return { kind: 'unknown' };
    const { encryptedValue, nonce } = value;
    const text = `${bytesToBase64(encryptedValue)} ${nonce && bytesToBase64(nonce)}`;
    return { kind: 'value', text, open: () => openOnsValue(name, value) };
  } catch (error) {
    if (error instanceof WireError) return null;
    throw error;
  }
}

async function opened(open: () => Promise<string>): Promise<string> {
  try {
    const accountId = await open();
    if (ACCOUNT.test(accountId)) return accountId;
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
  }
  throw new NameFailure('contradictory');
}
