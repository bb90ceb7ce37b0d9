import { type DirectorySignature, isSignatureValid } from '@sotto/directory';
import { bytesToHex, equalBytes } from '@sotto/wire/bytes';
import type { Evidence } from './effects.ts';

/** The directory that an authority made of the votes, its signature, and the message in which it said so. */
export interface Result extends DirectorySignature {
  /** Of the directory, 32 bytes. */
  readonly digest: Uint8Array;
  readonly message: Uint8Array;
}

/** What becomes of a result that came. */
export interface ResultTaken {
  /** Are the others to get it too? */
  readonly passOn: boolean;
  readonly evidence: Evidence | null;
}

/**
 * Who signed what in one round (docs/protocol/directory.md §8.4). Results are passed on like votes, so that an authority
 * that signs one directory towards one and another towards another is found out before its signature counts.
 */
export class ResultBook {
  readonly #epoch: number;
  readonly #results = new Map<string, { readonly result: Result; readonly at: number }>();
  /** Authorities that signed two directories; neither signature counts. */
  readonly #contradicted = new Set<string>();

  constructor(epoch: number) {
    this.#epoch = epoch;
  }

  /** Takes the result of an authority; `at` is ms of a clock that never goes back. */
  take(result: Result, at: number): ResultTaken {
    const signer = bytesToHex(result.authority);
    const before = this.#results.get(signer)?.result;
    if (!before) {
      this.#results.set(signer, { result, at });
      return { passOn: true, evidence: null };
    }
    if (equalBytes(before.digest, result.digest) || this.#contradicted.has(signer)) {
      return { passOn: false, evidence: null };
    }
    this.#contradicted.add(signer);
    const { message: first } = before;
    const evidence = { authority: signer, epoch: this.#epoch, what: 'results' as const, first, second: result.message };
    return { passOn: true, evidence };
  }

  /** Those who signed just this directory and no other, and when the last of them was heard. */
  agreeing(digest: Uint8Array): { readonly signatures: readonly DirectorySignature[]; readonly lastAt: number } {
    const agreeing = [...this.#results].filter(
      ([signer, { result }]) =>
        !this.#contradicted.has(signer) && equalBytes(result.digest, digest) && isSignatureValid(digest, result),
    );
    return {
      signatures: agreeing.map(([, { result }]) => result),
      lastAt: Math.max(...agreeing.map(([, { at }]) => at)),
    };
  }
}
