import { WireError } from '@sotto/wire';
import type { Account } from '@sotto/wire/account';
import {
  accountSigner,
  buildDelete,
  buildExpire,
  deleteMemberBytes,
  expireMemberBytes,
  parseAnswer,
  verifyMember,
} from '@sotto/wire/rpc';
import type { SwarmCall, SwarmNode } from '../network/swarm-access.ts';

/** So many members must have signed that they do not know a message, if there are as many. */
const LEAST_WITNESSES = 2;

/** What members of our own swarm say they did, those that signed it. */
export interface ChoreOutcome {
  /** Members that confirmed. */
  readonly confirmed: number;
  /** Members that there are. */
  readonly of: number;
  /** Hashes that none of those who confirmed knows. */
  readonly unknown: ReadonlySet<string>;
}

/** Deletes messages from our own mailbox (storage-rpc §8.3). */
export function deleteCall(
  account: Account,
  members: readonly SwarmNode[],
  messages: readonly string[],
): SwarmCall<ChoreOutcome> {
  const signer = accountSigner(account.accountId, account.ed25519);
  return {
    build: () => buildDelete(signer, { messages }),
    read(body) {
      const answer = parseAnswer('delete', { code: 200, body });
      if (answer.kind !== 'done') throw new WireError('rpc', 'the answer is malformed');
      const signed = { accountId: account.accountId, messages };
      const confirmed = members.filter(({ key }) => {
        const member = answer.reply.members.get(key);
        return member?.failed === false && verifyMember(key, deleteMemberBytes(signed, member.deleted), member);
      });
      return { confirmed: confirmed.length, of: members.length, unknown: new Set() };
    },
    isEnough: ({ confirmed, of }) => confirmed >= of,
  };
}

/** Has our own mailbox forget messages earlier or later (storage-rpc §8.7). `expiries`: one for each, or one for all, ms. */
export function expireCall(
  account: Account,
  members: readonly SwarmNode[],
  messages: readonly string[],
  expiries: readonly number[],
  mode: 'shorten' | 'extend',
): SwarmCall<ChoreOutcome> {
  const signer = accountSigner(account.accountId, account.ed25519);
  return {
    build: () => buildExpire(signer, { messages, expiry: expiries, mode }),
    read(body) {
      const answer = parseAnswer('expire', { code: 200, body });
      if (answer.kind !== 'done') throw new WireError('rpc', 'the answer is malformed');
      const signed = { accountId: account.accountId, messages };
      const outcomes = members.flatMap(({ key }) => {
        const member = answer.reply.members.get(key);
        return member?.failed === false && verifyMember(key, expireMemberBytes(signed, member), member) ? [member] : [];
      });
      const known = new Set(outcomes.flatMap(({ updated, unchanged }) => [...updated, ...(unchanged?.keys() ?? [])]));
      // One node alone may be lying.
      const isSure = outcomes.length >= Math.min(LEAST_WITNESSES, members.length) && outcomes.length > 0;
      const unknown = !isSure ? [] : messages.filter((hash) => !known.has(hash));
      return { confirmed: outcomes.length, of: members.length, unknown: new Set(unknown) };
    },
  };
}
