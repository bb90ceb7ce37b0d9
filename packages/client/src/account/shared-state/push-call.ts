import { WireError } from '@sotto/wire';
import { type Account, accountIdToBytes } from '@sotto/wire/account';
import {
  accountSigner,
  batchOf,
  buildDelete,
  buildStore,
  MAXIMUM_BATCH_SIZE,
  messageHash,
  parseAnswer,
  parseBatchReply,
  type RpcResult,
} from '@sotto/wire/rpc';
import { copiesOf, isKept } from '../../conversation/mailbox-calls.ts';
import type { SwarmCall, SwarmNode } from '../../network/swarm-access.ts';

/** How long nodes keep shared state, ms (config §10). */
export const SHARED_TTL_MS = 2_592_000_000;

/** One message of a config, and the hash that the mailbox knows it by. */
export interface PushedMessage {
  readonly namespace: number;
  readonly hash: string;
  readonly data: Uint8Array;
}

/** A message of a config as it will be stored. */
export function pushedMessage({ accountId }: Account, namespace: number, data: Uint8Array): PushedMessage {
  return { namespace, data, hash: messageHash(accountIdToBytes(accountId), namespace, data) };
}

/** Stores messages one after another, and at last deletes others, in as few requests as possible (config §10). */
export function pushCalls(
  account: Account,
  members: readonly SwarmNode[],
  messages: readonly PushedMessage[],
  obsolete: readonly string[],
): SwarmCall<number>[] {
  const steps: (PushedMessage | readonly string[])[] = [...messages, ...(obsolete.length > 0 ? [obsolete] : [])];
  const calls = Math.ceil(steps.length / MAXIMUM_BATCH_SIZE);
  return Array.from({ length: calls }, (_, index) => {
    const start = index * MAXIMUM_BATCH_SIZE;
    return sequenceCall(account, members, steps.slice(start, start + MAXIMUM_BATCH_SIZE));
  });
}

/** The reply is the smallest number of copies that members of the swarm have signed to keep. */
function sequenceCall(
  account: Account,
  members: readonly SwarmNode[],
  steps: readonly (PushedMessage | readonly string[])[],
): SwarmCall<number> {
  const { accountId } = account;
  const signer = accountSigner(accountId, account.ed25519);
  return {
    build: (timestamp) =>
      batchOf(
        'sequence',
        steps.map((step) =>
          'hash' in step
            ? buildStore({ accountId, ...step, timestamp, ttl: SHARED_TTL_MS, signer })
            : buildDelete(signer, { messages: step }),
        ),
      ),
    read(body) {
      const results = parseBatchReply(body, steps.length);
      if (results.length < steps.length) throw new WireError('rpc', 'the answer lacks results');
      const copies = steps.flatMap((step, index) => ('hash' in step ? [copiesIn(results[index]!, step.hash)] : []));
      return Math.min(members.length, ...copies);
    },
    isEnough: (copies) => isKept(copies, members),
  };

  function copiesIn({ code, body }: RpcResult, hash: string): number {
    const answer = parseAnswer('store', { code, body });
    if (answer.kind !== 'done') throw new WireError('rpc', 'the answer is malformed');
    return copiesOf(answer.reply, hash, members);
  }
}
