import {
  assembleSuccession,
  type DecidingAuthorities,
  decidingAfter,
  firstDeciding,
  type NetworkFile,
  networkId,
  readSuccession,
  requireContinuation,
  type Succession,
} from '@sotto/directory';
import { hexToBytes } from '@sotto/wire/bytes';
import type { AuthorityFolder, Proposal } from './authority-folder.ts';

/** Who decides in the network, as an authority knows it and keeps it on disk (docs/protocol/directory.md §5.1). */
export class SuccessionKeeper {
  readonly #folder: AuthorityFolder;
  readonly #file: NetworkFile;
  readonly #networkId: Uint8Array;
  #signed: readonly Uint8Array[];
  #deciding: DecidingAuthorities;

  /** @param signed the successions so far. @throws DirectoryError if they do not follow from the network file. */
  constructor(folder: AuthorityFolder, file: NetworkFile, signed: readonly Uint8Array[]) {
    this.#folder = folder;
    this.#file = file;
    this.#networkId = networkId(file);
    this.#signed = signed;
    this.#deciding = decidingAfter(this.#networkId, firstDeciding(file), signed);
  }

  /** Signed, oldest first. */
  get signed(): readonly Uint8Array[] {
    return this.#signed;
  }

  get deciding(): DecidingAuthorities {
    return this.#deciding;
  }

  /** Keys (32 bytes) of everybody who decides or ever did. */
  everDeciding(): Uint8Array[] {
    const later = this.#signed.flatMap((bytes) => readSuccession(bytes).succession.authorities);
    const keys = [...this.#file.authorities, ...later].map(({ key }) => key);
    return [...new Set(keys)].map(hexToBytes);
  }

  /**
   * Takes more successions than are known; `true` if they were. They are on disk before they count.
   * @throws DirectoryError if they do not follow from those that are known, whoever signed them.
   */
  async take(signed: readonly Uint8Array[]): Promise<boolean> {
    if (signed.length <= this.#signed.length) return false;
    requireContinuation(this.#signed, signed);
    const deciding = decidingAfter(this.#networkId, firstDeciding(this.#file), signed);
    await this.#folder.saveSuccessions(signed);
    this.#signed = signed;
    this.#deciding = deciding;
    if (!(await this.proposal())) await this.#folder.dropProposal();
    return true;
  }

  /** What the operator agreed to, if it is about the next succession. */
  async proposal(): Promise<(Proposal & { readonly succession: Succession }) | null> {
    const proposal = await this.#folder.proposal();
    if (!proposal) return null;
    const { succession } = readSuccession(assembleSuccession(proposal.dict, []));
    return succession.number === this.#signed.length + 1 ? { ...proposal, succession } : null;
  }
}
