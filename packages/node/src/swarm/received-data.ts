import { WireError } from '@sotto/wire';
import { decodePushBatch, type PushedMessage } from '@sotto/wire/bt';
import { equalBytes } from '@sotto/wire/bytes';
import { messageHash, namespaceRules } from '@sotto/wire/rpc';
import { type MessageStore, type StoredMessage, StoreFailure } from '../store/message-store.ts';

/** Namespaces to try where a push does not tell, or tells wrongly (node-network §7.3): those in use. */
const KNOWN_NAMESPACES = [0, 2, 3, 4, 5, 11, 12, 13, 14, -10, -11];

const FAILED = 'Failed to store messages';
/** Old nodes push also when they have nothing (node-network §7.3). */
const NO_MESSAGES = Buffer.from('\x01le', 'latin1');

/**
 * Takes messages that another node pushes by `sn.data` (node-network §5.2) and gives the reply: `OK` once they are
 * durable. Messages whose hash fits no namespace are skipped: nobody could ask for them. `onReceived` is told of the
 * others, new or not.
 */
export async function receiveData(
  parts: readonly Uint8Array[],
  store: MessageStore,
  onFailure: (failure: StoreFailure) => void,
  onReceived: (message: StoredMessage) => void,
): Promise<string> {
  const [blob] = parts;
  if (!blob || blob.length === 0) return 'Empty data push';
  try {
    const messages = decodePushBatch(blob);
    // A blob of another version or with a bad account is dropped whole, and its sender must not take it for stored.
    if (messages.length === 0 && !equalBytes(blob, NO_MESSAGES)) return FAILED;
    const usable = messages.map(withNamespace).filter((message) => message !== null);
    await store.storeAll(usable, (namespace) => namespaceRules(namespace).publicOutbox);
    for (const message of usable) onReceived(message);
    return 'OK';
  } catch (error) {
    if (error instanceof StoreFailure) onFailure(error);
    else if (!(error instanceof WireError)) throw error;
    return FAILED;
  }
}

function withNamespace(pushed: PushedMessage): StoredMessage | null {
  const { account, hash, timestamp, expiry, data } = pushed;
  const candidates = pushed.namespace === null ? KNOWN_NAMESPACES : [pushed.namespace, ...KNOWN_NAMESPACES];
  const namespace = candidates.find((candidate) => messageHash(account, candidate, data) === hash);
  return namespace === undefined ? null : { account, hash, namespace, timestamp, expiry, data };
}
