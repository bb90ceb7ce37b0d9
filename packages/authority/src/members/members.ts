import {
  type AdmittedNode,
  type Claim,
  DirectoryError,
  type NetworkParameters,
  type NodeDescriptor,
  type NodeList,
  type VotedNode,
  verifyDescriptor,
  verifyInvite,
} from '@sotto/directory';
import { base64ToBytes, bytesToBase64, bytesToHex, equalBytes, hexToBytes } from '@sotto/wire/bytes';
import { isPrivateAddress } from '@sotto/wire/onion';
import { z } from 'zod';
import { AuthorityError } from '../errors.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const CLOCK_TOLERANCE = HOUR;
/** A node that has said nothing for so long is forgotten; its invite is not. */
const LONGEST_SILENCE = 3 * DAY;
const MAXIMUM_MEMBERS = 10_000;
const MAXIMUM_CLAIMS = 20_000;
const PLACE = ['ip', 'httpsPort', 'omqPort'] as const;

const key = z.string().regex(/^[0-9a-f]{64}$/);

/** What is kept of the members on disk. */
export const membersSchema = z.object({
  descriptors: z.array(z.base64()).max(MAXIMUM_MEMBERS),
  claims: z.array(z.object({ invite: z.string().regex(/^[0-9a-f]{32}$/), node: key })).max(MAXIMUM_CLAIMS),
});
export type SavedMembers = z.output<typeof membersSchema>;

/** What an authority decides by itself about who may be a node; lower-case hex keys. */
export interface Lists {
  /** Let in where the network is `listed`. */
  readonly admitted: ReadonlySet<string>;
  /** Never let in. */
  readonly refused: ReadonlySet<string>;
}

/** What the rules of admission depend on. */
export interface MembersParts {
  /** 32 bytes. */
  readonly networkId: Uint8Array;
  parameters(): NetworkParameters;
  /** Keys (32 bytes) of all authorities that ever decided: their invites count. */
  inviters(): readonly Uint8Array[];
  lists(): Lists;
  /** The newest directory; `null` before the first. */
  listed(): NodeList | null;
}

interface Member {
  readonly descriptor: NodeDescriptor;
  readonly bytes: Uint8Array;
}

/** The nodes that an authority has admitted, by the descriptors that they sent (docs/protocol/directory.md §8.1, §8.2). */
export class Members {
  readonly #parts: MembersParts;
  readonly #members = new Map<string, Member>();
  /** Which node has used which invite; both in hex. */
  readonly #claims = new Map<string, string>();

  constructor(parts: MembersParts, saved: SavedMembers | null) {
    this.#parts = parts;
    for (const { invite, node } of saved?.claims ?? []) this.#claims.set(invite, node);
    for (const text of saved?.descriptors ?? []) {
      const bytes = new Uint8Array(base64ToBytes(text));
      const descriptor = verifyDescriptor(bytes);
      this.#members.set(bytesToHex(descriptor.node.ed25519Key), { descriptor, bytes });
    }
  }

  /**
   * Judges a descriptor without taking it.
   * @param now ms since 1970.
   * @throws DirectoryError `encoding`, `signatures`, `wrong-network` or `invite`; AuthorityError `refused` with the reason.
   */
  judge(bytes: Uint8Array, now: number): NodeDescriptor {
    const descriptor = verifyDescriptor(bytes);
    const { node, time } = descriptor;
    const name = bytesToHex(node.ed25519Key);
    if (!equalBytes(descriptor.networkId, this.#parts.networkId)) {
      throw new DirectoryError('wrong-network', 'the descriptor belongs to another network');
    }
    if (Math.abs(time - now) > CLOCK_TOLERANCE) {
      throw new AuthorityError('refused', "the node's clock and this authority's differ by more than an hour");
    }
    const { oneSite } = this.#parts.parameters();
    if (!oneSite && isPrivateAddress(node.ip)) {
      throw new AuthorityError('refused', `${node.ip} is no public address, which this network needs`);
    }
    const known = this.#members.get(name);
    if (known && known.descriptor.time >= time) throw new AuthorityError('refused', 'a newer descriptor is known');
    if (!known && this.#members.size >= MAXIMUM_MEMBERS) throw new AuthorityError('busy', 'there are too many nodes');
    this.#requireAdmission(name, descriptor, now);
    return descriptor;
  }

  /** Is the node one of those that are asked whether they are reachable already? */
  has({ ed25519Key }: AdmittedNode): boolean {
    const name = bytesToHex(ed25519Key);
    return this.#members.has(name) || this.#parts.listed()?.node(ed25519Key) !== undefined;
  }

  /** Takes a descriptor that {@link judge} found good; `true` if something must be on disk before the node is told so. */
  take(descriptor: NodeDescriptor, bytes: Uint8Array): boolean {
    const name = bytesToHex(descriptor.node.ed25519Key);
    const isNew = !this.#members.has(name);
    this.#members.set(name, { descriptor, bytes: new Uint8Array(bytes) });
    const invite = this.#inviteOf(descriptor);
    if (invite === null || this.#claims.has(invite) || this.#claims.size >= MAXIMUM_CLAIMS) return isNew;
    this.#claims.set(invite, name);
    return true;
  }

  /** Takes over what the authorities agreed on about used invites; whoever else used one of them is out. */
  adopt(claims: readonly Claim[]): void {
    for (const { invite, node } of claims) {
      const [id, user] = [bytesToHex(invite), bytesToHex(node)];
      const before = this.#claims.get(id);
      if (before === user || (!before && this.#claims.size >= MAXIMUM_CLAIMS)) continue;
      this.#claims.set(id, user);
      if (before) this.#members.delete(before);
    }
  }

  /** Everybody to be asked whether it is reachable: by its newest descriptor, or as the directory lists it. */
  nodes(now: number): { readonly node: AdmittedNode; readonly time: number }[] {
    for (const [name, { descriptor }] of this.#members) {
      if (descriptor.time < now - LONGEST_SILENCE) this.#members.delete(name);
    }
    const { refused, admitted } = this.#parts.lists();
    const isListed = this.#parts.parameters().join === 'listed';
    const members = [...this.#members.values()].map(({ descriptor: { node, time } }) => ({ node, time }));
    const silent = (this.#parts.listed()?.nodes ?? [])
      .filter(({ ed25519Key }) => !this.#members.has(bytesToHex(ed25519Key)))
      .map((node) => ({ node, time: 0 }));
    return [...members, ...silent]
      .filter(({ node }) => !refused.has(bytesToHex(node.ed25519Key)))
      .filter(({ node }) => !isListed || admitted.has(bytesToHex(node.ed25519Key)))
      .slice(0, MAXIMUM_MEMBERS);
  }

  /** Names of reachable nodes that the newest directory does not have where they are. */
  unlisted(isReachable: (node: AdmittedNode) => boolean, now: number): string[] {
    const listed = this.#parts.listed();
    return this.nodes(now).flatMap(({ node }) => {
      const record = listed?.node(node.ed25519Key);
      const isThere = record && PLACE.every((field) => record[field] === node[field]);
      return isThere || !isReachable(node) ? [] : `${bytesToHex(node.ed25519Key)} ${PLACE.map((field) => node[field])}`;
    });
  }

  /** Names of nodes that the newest directory has although the operator refused them. */
  unwelcome(): string[] {
    const { refused } = this.#parts.lists();
    const names = (this.#parts.listed()?.nodes ?? []).map(({ ed25519Key }) => bytesToHex(ed25519Key));
    return names.filter((name) => refused.has(name));
  }

  /** What the authority votes: its members, with whether they are reachable, and the invites that were used. */
  votes(isReachable: (node: AdmittedNode) => boolean, now: number): { nodes: VotedNode[]; claims: Claim[] } {
    return {
      nodes: this.nodes(now).map((each) => ({ ...each, reachable: isReachable(each.node) })),
      claims: [...this.#claims].map(([invite, node]) => ({ invite: hexToBytes(invite), node: hexToBytes(node) })),
    };
  }

  save(): SavedMembers {
    return {
      descriptors: [...this.#members.values()].map(({ bytes }) => bytesToBase64(bytes)),
      claims: [...this.#claims].map(([invite, node]) => ({ invite, node })),
    };
  }

  #requireAdmission(name: string, { node, invite }: NodeDescriptor, now: number): void {
    const { admitted, refused } = this.#parts.lists();
    if (refused.has(name)) throw new AuthorityError('refused', 'this authority does not admit the node');
    const { join } = this.#parts.parameters();
    if (join === 'listed') {
      if (admitted.has(name)) return;
      throw new AuthorityError('refused', `the node is not on this authority's list; its key is ${name}`);
    }
    if (join === 'open' || this.#parts.listed()?.node(node.ed25519Key) || this.#hasClaim(name)) return;
    if (!invite) throw new DirectoryError('invite', 'this network needs an invite code');
    const { id, expiry } = verifyInvite(invite, this.#parts.networkId, this.#parts.inviters());
    if (this.#claims.has(bytesToHex(id))) throw new DirectoryError('invite', 'another node has used this invite code');
    if (expiry < now) throw new DirectoryError('invite', 'the invite code is too old');
  }

  /** Names the code that a node has used, if it has to; `null` as well where it is in already and its code is none. */
  #inviteOf({ invite }: NodeDescriptor): string | null {
    if (!invite || this.#parts.parameters().join !== 'invite') return null;
    try {
      return bytesToHex(verifyInvite(invite, this.#parts.networkId, this.#parts.inviters()).id);
    } catch {
      return null;
    }
  }

  #hasClaim(name: string): boolean {
    for (const user of this.#claims.values()) if (user === name) return true;
    return false;
  }
}
