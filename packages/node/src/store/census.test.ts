import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type MailboxCount, takeCensus } from './census.ts';

const mailboxes = fc
  .uniqueArray(
    fc.record({
      account: fc.nat(400),
      namespace: fc.integer({ min: -3, max: 3 }),
      messages: fc.integer({ min: 1, max: 9 }),
    }),
    {
      selector: ({ account, namespace }) => `${account}/${namespace}`,
      maxLength: 1600,
      size: 'max',
    },
  )
  .map((list) => list.sort((a, b) => a.account - b.account || a.namespace - b.namespace));

test('every mailbox is counted once, and mailboxes of one account together, however they fall into portions', async () => {
  await fc.assert(
    fc.asyncProperty(mailboxes, async (list) => {
      const rows: MailboxCount[] = list.map(({ account, ...rest }) => ({
        ...rest,
        account: Uint8Array.of(account >> 8, account & 255),
      }));
      let most = 0;
      const census = await takeCensus((after, limit) => {
        const from = after ? rows.indexOf(after) + 1 : 0;
        const portion = rows.slice(from, from + limit);
        most = Math.max(most, portion.length);
        return portion;
      });
      const byAccount = Map.groupBy(list, ({ account }) => account);
      const sum = (some: readonly { messages: number }[]) => some.reduce((total, { messages }) => total + messages, 0);
      expect(most).toBeLessThanOrEqual(500);
      expect(census.messages).toBe(sum(list));
      const counts = [...byAccount.values()].map(sum);
      expect(census.accountsByCount).toEqual(
        new Map([...Map.groupBy(counts, (count) => count)].map(([count, all]) => [count, all.length])),
      );
      expect(census.messagesByNamespace).toEqual(
        new Map([...Map.groupBy(list, ({ namespace }) => namespace)].map(([namespace, all]) => [namespace, sum(all)])),
      );
    }),
    { numRuns: 20 },
  );
});
