import { equalBytes } from '@sotto/wire/bytes';
import { MAXIMUM_MESSAGE_SIZE, messageHash, type SwarmRequest } from '@sotto/wire/rpc';
import {
  coveredToken,
  coversMessage,
  isRevocation,
  type SignedOperation,
  type SyncContent,
  type SyncMessage,
  verifyOperation,
} from '@sotto/wire/sync';
import type { AdoptedState, SyncStore } from '../store/message-store.ts';
import { MOST_OPERATION_BYTES } from '../store/state-table.ts';

/** Beyond the 30 days that a message may live, and clocks that are wrong, ms. */
const MOST_LIFE_MS = 31 * 86_400_000;

/** What checking needs. */
export interface VerifyContext {
  readonly store: SyncStore;
  readonly now: number;
  /** Does our swarm keep this account? */
  belongs(account: Uint8Array): boolean;
}

/**
 * Checks what another member tells (sync §5): messages by their hash, everything that takes something away by the
 * client's signature. Gives what may be taken over.
 */
export function verifyContents(contents: readonly SyncContent[], context: VerifyContext): AdoptedState[] {
  const requests = new Map<SignedOperation, SwarmRequest | null>();
  const requestOf = (operation: SignedOperation | null): SwarmRequest | null => {
    if (!operation || operation.params.length > MOST_OPERATION_BYTES) return null;
    const known = requests.get(operation);
    if (known !== undefined) return known;
    const request = verifyOperation(operation);
    requests.set(operation, request);
    return request;
  };
  return contents.flatMap((content) => {
    const account = content.message?.account ?? requestOf(content.operation)?.account;
    if (!account || !context.belongs(account)) return [];
    return verified({ ...content, account, token: null }, requestOf(content.operation), context) ?? [];
  });
}

function verified(
  content: AdoptedState,
  request: SwarmRequest | null,
  { store, now }: VerifyContext,
): AdoptedState | null {
  const { account, state, message } = content;
  const signed = request && equalBytes(request.account, account) ? request : null;
  if (isRevocation(state)) {
    const token = signed && coveredToken(signed, state);
    return token && { ...content, token };
  }
  if (state.expiry > now + MOST_LIFE_MS) return null;
  if (message && !isItself(message, state.id)) return null;
  const isSigned = signed !== null && coversMessage(signed, state, message ?? ownMessage(content, store));
  if (state.kind === 'deleted' || !message) return isSigned ? { ...content, message: null } : null;
  if (state.expiry <= now && !isSigned) return null;
  return isSigned ? content : { ...content, operation: null };
}

function isItself({ account, namespace, data }: SyncMessage, id: string): boolean {
  return data.length <= MAXIMUM_MESSAGE_SIZE && messageHash(account, namespace, data) === id;
}

function ownMessage({ account, state }: AdoptedState, store: SyncStore): SyncMessage | null {
  const own = store.contents([state.id], 0).find(({ message }) => message && equalBytes(message.account, account));
  return own?.message ?? null;
}
