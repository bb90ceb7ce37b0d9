import { setImmediate as nextTurn } from 'node:timers/promises';
import type { StoreCensus } from './message-store.ts';

/** How many messages one mailbox holds. */
export interface MailboxCount {
  /** 33 bytes. */
  readonly account: Uint8Array;
  readonly namespace: number;
  readonly messages: number;
}

/** Mailboxes that are counted before others get their turn: some milliseconds of work. */
const PORTION = 500;

/**
 * Counts all messages, a portion at a time, so that counting millions holds up nobody. `next` gives so many mailboxes at most,
 * in order, after the one given. What changes meanwhile may be counted or not.
 */
export async function takeCensus(
  next: (after: MailboxCount | null, most: number) => readonly MailboxCount[],
): Promise<StoreCensus> {
  const messagesByNamespace = new Map<number, number>();
  const accountsByCount = new Map<number, number>();
  let messages = 0;
  let ofAccount = 0;
  let last: MailboxCount | null = null;
  const endAccount = () => {
    if (last) accountsByCount.set(ofAccount, (accountsByCount.get(ofAccount) ?? 0) + 1);
    ofAccount = 0;
  };
  while (true) {
    const portion = next(last, PORTION);
    for (const mailbox of portion) {
      if (last && Buffer.compare(last.account, mailbox.account) !== 0) endAccount();
      last = mailbox;
      ofAccount += mailbox.messages;
      messages += mailbox.messages;
      const { namespace } = mailbox;
      messagesByNamespace.set(namespace, (messagesByNamespace.get(namespace) ?? 0) + mailbox.messages);
    }
    if (portion.length < PORTION) break;
    await nextTurn();
  }
  endAccount();
  return { messages, accountsByCount, messagesByNamespace };
}
