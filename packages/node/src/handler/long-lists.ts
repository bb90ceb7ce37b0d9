import { setImmediate as nextTurn } from 'node:timers/promises';
import type { MessageStore } from '../store/message-store.ts';

/** Messages that are looked up without letting others have their turn, which takes a few milliseconds. */
const PORTION = 1000;

type Expiries = Pick<MessageStore, 'expiries'>;

/** {@link MessageStore.expiries} for lists of any length: a long one is looked up in portions, with other work in between. */
export async function expiriesOf(
  store: Expiries,
  account: Uint8Array,
  messages: readonly string[],
): Promise<Map<string, number>> {
  if (messages.length <= PORTION) return store.expiries(account, messages);
  const found = new Map<string, number>();
  for (let start = 0; start < messages.length; start += PORTION) {
    for (const [hash, expiry] of store.expiries(account, messages.slice(start, start + PORTION)))
      found.set(hash, expiry);
    await nextTurn();
  }
  return found;
}

/**
 * A long list without the messages that are not there, so that the transaction which changes the others is short; a short
 * list as it is. `expiries` has one for each message, or one for all.
 */
export async function onlyPresent<Lists extends { messages: readonly string[]; expiries?: readonly number[] }>(
  store: Expiries,
  account: Uint8Array,
  lists: Lists,
): Promise<Lists> {
  const { messages, expiries } = lists;
  if (messages.length <= PORTION) return lists;
  const present = await expiriesOf(store, account, messages);
  const isPresent = (index: number) => present.has(messages[index]!);
  return {
    ...lists,
    messages: messages.filter((_hash, index) => isPresent(index)),
    ...(expiries && expiries.length > 1 && { expiries: expiries.filter((_expiry, index) => isPresent(index)) }),
  };
}
