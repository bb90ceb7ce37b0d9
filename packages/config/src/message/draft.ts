import { type Dict, diff, EMPTY_DICT, prune, SortedMap } from '../values/index.ts';
import { encodeMessage } from './encode-message.ts';
import type { ConfigMessage, Lag, Revision } from './message.ts';

/** A revision that is still being written: what it says so far, and the data that its diff is against. */
export interface Draft extends Revision {
  readonly original: Dict;
}

/** The config that nobody has edited yet; every account's first revision follows it (config §3). */
export function emptyMessage(): ConfigMessage {
  return encodeMessage(
    { seqno: 0n, data: EMPTY_DICT, lags: [], unknown: new SortedMap([], []) },
    new SortedMap([], []),
    null,
  );
}

/** The beginning of the revision that follows a message (config §4). */
export function draftAfter(message: ConfigMessage, lag: number): Draft {
  const { seqno, hash, diff: change, data, unknown } = message;
  const lags = [...message.lags.filter((entry) => entry.seqno < seqno), { seqno, hash, diff: change }];
  return { seqno: seqno + 1n, data, original: data, unknown, lags: withinWindow(lags, seqno + 1n, lag) };
}

/** Finishes a draft (config §4.4): prunes, takes the diff, signs if there is a key. */
export function finishDraft(draft: Draft, signingKey: Uint8Array | null): ConfigMessage {
  const { seqno, lags, unknown, original } = draft;
  const data = prune(draft.data);
  return encodeMessage({ seqno, data, lags, unknown }, diff(original, data), signingKey);
}

/** The lags that a message of this seqno may carry (config §4). */
export function withinWindow(lags: readonly Lag[], seqno: bigint, lag: number): readonly Lag[] {
  return lags.filter((entry) => entry.seqno > seqno - BigInt(lag) && entry.seqno < seqno);
}
