import type { Claim } from '@sotto/directory';

/** What a round asks of whoever runs it, to be done in this order. */
export type Effect =
  /** Must be on disk before what follows is done: an epoch is voted on and signed once, also over a crash. */
  | { readonly kind: 'remember'; readonly epoch: number }
  /** Sends bytes to other authorities, named by their keys in hex; lost messages cost at most the round. */
  | { readonly kind: 'send'; readonly to: readonly string[]; readonly message: Uint8Array }
  /** A threshold signed this directory. */
  | { readonly kind: 'publish'; readonly directory: Uint8Array; readonly claims: readonly Claim[] }
  /** Others decide from the next round on; the signed successions, all of them. */
  | { readonly kind: 'succession'; readonly successions: readonly Uint8Array[] }
  | { readonly kind: 'evidence'; readonly evidence: Evidence }
  | { readonly kind: 'ended'; readonly outcome: RoundOutcome };

/** Two statements of one authority about one epoch that an honest one would not both have signed. */
export interface Evidence {
  /** Whose, lower-case hex. */
  readonly authority: string;
  readonly epoch: number;
  readonly what: 'votes' | 'results';
  /** Both as they were signed. */
  readonly first: Uint8Array;
  readonly second: Uint8Array;
}

/** How a round ended. */
export interface RoundOutcome {
  readonly epoch: number;
  /** `refused`: the others' signatures were enough, but the rules of acceptance forbid the list, a mass removal mostly. */
  readonly result: 'published' | 'refused' | 'too-few-votes' | 'no-agreement' | 'abandoned';
  /** Authorities whose votes counted, lower-case hex, ascending. */
  readonly voters: readonly string[];
  /** Authorities that signed what we signed, the same way. */
  readonly signers: readonly string[];
}
