import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DirectoryError, replaceFile } from '@sotto/directory';
import { base64ToBytes, bytesToBase64 } from '@sotto/wire/bytes';
import { z } from 'zod';
import { AuthorityError } from './errors.ts';
import { type Lists, membersSchema, type SavedMembers } from './members/members.ts';
import type { Evidence } from './round/effects.ts';

/** Of one authority; each may hold two votes of 2 MB. */
const MAXIMUM_EVIDENCE = 10;

const bytes = z.base64().transform((text) => new Uint8Array(base64ToBytes(text)));
const roundSchema = z.object({ epoch: z.int().min(0) });
const successionsSchema = z.object({ successions: z.array(bytes) });
const proposalSchema = z.object({ dict: bytes, signature: bytes });

/** A succession that this authority agrees to: the bytes and its signature over them. */
export interface Proposal {
  readonly dict: Uint8Array;
  readonly signature: Uint8Array;
}

/** A statement of another authority that contradicts another one, as it is listed. */
export interface EvidenceName {
  readonly epoch: number;
  /** The first 16 hex digits of the authority's key. */
  readonly authority: string;
  readonly what: Evidence['what'];
}

/**
 * What an authority keeps on disk besides its key, certificate and directory. Every file is replaced as a whole.
 * All functions throw AuthorityError `storage` with one sentence if a file is damaged or cannot be read or written.
 */
export class AuthorityFolder {
  readonly path: string;
  #lastWrite: Promise<void> = Promise.resolve();

  constructor(path: string) {
    this.path = path;
  }

  /** The highest epoch that was ever voted on; 0 at first. */
  async lastEpoch(): Promise<number> {
    return (await this.#read('round.json', roundSchema))?.epoch ?? 0;
  }

  saveLastEpoch(epoch: number): Promise<void> {
    return this.#write('round.json', { epoch });
  }

  members(): Promise<SavedMembers | null> {
    return this.#read('members.json', membersSchema);
  }

  saveMembers(members: SavedMembers): Promise<void> {
    return this.#write('members.json', members);
  }

  /** The signed successions since the network was made. */
  async successions(): Promise<readonly Uint8Array[]> {
    return (await this.#read('successions.json', successionsSchema))?.successions ?? [];
  }

  saveSuccessions(successions: readonly Uint8Array[]): Promise<void> {
    return this.#write('successions.json', { successions: successions.map(bytesToBase64) });
  }

  /** The succession that this authority's operator agreed to, if there is one. */
  proposal(): Promise<Proposal | null> {
    return this.#read('proposal.json', proposalSchema);
  }

  saveProposal({ dict, signature }: Proposal): Promise<void> {
    return this.#write('proposal.json', { dict: bytesToBase64(dict), signature: bytesToBase64(signature) });
  }

  async dropProposal(): Promise<void> {
    await this.#guard('proposal.json', () => rm(join(this.path, 'proposal.json'), { force: true }));
  }

  /** Whom the operator lets in or keeps out: node keys in hex, one a line, in `admitted.list` and `refused.list`. */
  async lists(): Promise<Lists> {
    return { admitted: await this.#list('admitted.list'), refused: await this.#list('refused.list') };
  }

  /** Writes one of the lists. */
  async saveList(name: keyof Lists, keys: ReadonlySet<string>): Promise<void> {
    await this.#guard(`${name}.list`, () =>
      replaceFile(join(this.path, `${name}.list`), [...keys].map((key) => `${key}\n`).join('')),
    );
  }

  /** Keeps evidence; the first few of an authority are enough, and nobody fills the disk with lies. */
  async saveEvidence({ epoch, authority, what, first, second }: Evidence): Promise<void> {
    const known = (await this.evidence()).filter((each) => each.authority === authority.slice(0, 16));
    if (known.length >= MAXIMUM_EVIDENCE) return;
    await this.#guard('evidence', () => mkdir(join(this.path, 'evidence'), { recursive: true, mode: 0o700 }));
    const content = { authority, epoch, what, first: bytesToBase64(first), second: bytesToBase64(second) };
    await this.#write(join('evidence', `${epoch}-${authority.slice(0, 16)}-${what}.json`), content);
  }

  /** What evidence there is. */
  async evidence(): Promise<EvidenceName[]> {
    const names = await readdir(join(this.path, 'evidence')).catch(() => []);
    return names.flatMap((name) => {
      const match = /^(\d+)-([0-9a-f]{16})-(votes|results)\.json$/.exec(name);
      return match ? [{ epoch: Number(match[1]), authority: match[2]!, what: match[3] as Evidence['what'] }] : [];
    });
  }

  async #list(name: string): Promise<ReadonlySet<string>> {
    const text = (await this.#text(name)) ?? '';
    const lines = text.split('\n').map((line) => line.replace(/#.*/, '').trim().toLowerCase());
    return new Set(lines.filter((line) => line !== ''));
  }

  async #read<Schema extends z.ZodType>(name: string, schema: Schema): Promise<z.output<Schema> | null> {
    const text = await this.#text(name);
    if (text === null) return null;
    try {
      return schema.parse(JSON.parse(text));
    } catch (cause) {
      throw new AuthorityError('storage', `${join(this.path, name)} is damaged.`, { cause });
    }
  }

  /** One after the other: two that replace a file at once would meet in its temporary one. */
  #write(name: string, content: unknown): Promise<void> {
    const written = this.#lastWrite.then(() =>
      this.#guard(name, () => replaceFile(join(this.path, name), JSON.stringify(content))),
    );
    this.#lastWrite = written.catch(() => {});
    return written;
  }

  #text(name: string): Promise<string | null> {
    return this.#guard(name, async () => {
      try {
        return await readFile(join(this.path, name), 'utf8');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
        throw error;
      }
    });
  }

  async #guard<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (cause) {
      const reason = cause instanceof DirectoryError ? cause.message : (cause as NodeJS.ErrnoException).code;
      throw new AuthorityError('storage', `Cannot use ${join(this.path, name)}: ${reason}.`, { cause });
    }
  }
}
