import { apply, type Dict, type Diff, prune, SortedMap } from '../values/index.ts';
import { withinWindow } from './draft.ts';
import { type ConfigMessage, compareRevisions, type Lag, type Revision, revisionKey } from './message.ts';

/**
 * What became of an input: it counted; it was known to another one (or there twice); or it is so old that the protocol
 * leaves it out, and what only it said is lost.
 */
export type Fate = 'used' | 'known' | 'too-old';

/** The outcome of a merge: one of the inputs as it is, or a new revision whose diff is empty. */
export type Merged = { readonly fates: readonly Fate[] } & (
  | { readonly kind: 'chosen'; readonly index: number }
  | { readonly kind: 'merged'; readonly revision: Revision }
);

/**
 * Merges the states that several devices made (config §6). The order of the input does not matter. A holder that may
 * only read takes the highest input instead of making a new one.
 * `messages` must not be empty; `lag` is the window in revisions.
 */
export function mergeMessages(messages: readonly ConfigMessage[], lag: number, readOnly = false): Merged {
  const fates = fatesOf(messages, lag);
  const used = messages.filter((_, index) => fates[index] === 'used').sort((a, b) => compareRevisions(b, a));
  const first = used[0]!;
  if (used.length === 1 || readOnly) return { kind: 'chosen', index: messages.indexOf(first), fates };

  // The highest message that knows a revision supplies its values.
  const replay = new Map<string, { lag: Lag; source: Dict }>();
  const remember = (entry: Lag, source: Dict): void => {
    const key = revisionKey(entry);
    if (!replay.has(key)) replay.set(key, { lag: entry, source });
  };
  for (const message of used) {
    remember(message, message.data);
    for (const entry of message.lags) remember(entry, message.data);
  }
  const ordered = [...replay.values()].sort((a, b) => compareRevisions(a.lag, b.lag));
  const data = ordered.reduce((state, { lag: { diff }, source }) => apply(state, diff, source), first.data);
  const seqno = first.seqno + 1n;
  const lags = withinWindow(
    ordered.map((entry) => lagOf(entry.lag)),
    seqno,
    lag,
  );
  return { kind: 'merged', revision: { seqno, data: prune(data), lags, unknown: new SortedMap([], []) }, fates };
}

function lagOf({ seqno, hash, diff }: { seqno: bigint; hash: string; diff: Diff }): Lag {
  return { seqno, hash, diff };
}

function fatesOf(messages: readonly ConfigMessage[], lag: number): readonly Fate[] {
  const highest = messages.reduce((max, { seqno }) => (seqno > max ? seqno : max), messages[0]!.seqno);
  const known = new Set(messages.flatMap((message) => message.lags.map(revisionKey)));
  return messages.map((message) => {
    const key = revisionKey(message);
    if (known.has(key)) return 'known';
    known.add(key);
    return message.seqno + BigInt(lag) <= highest ? 'too-old' : 'used';
  });
}
