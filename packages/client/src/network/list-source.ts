import type { NodeSource } from '@sotto/directory';
import type { JsonRequest } from '@sotto/wire/rpc';
import type { NetworkInfo } from '../engine.ts';
import type { Relay } from './relay.ts';

/** What nodes are asked with for the next list: the routes that stand on the list in use. */
export interface ListUsers {
  /** Nodes at random to ask over a path, apart from each other; none while no path stands. */
  mirrors(): readonly Relay[];
  /** Asks a mirror over a path, whatever it says. Rejects if nothing authentic comes back. */
  askMirror(mirror: Relay, request: JsonRequest, signal: AbortSignal): Promise<MirrorReply>;
  /** Whom to ask without a path. */
  guards(): readonly Relay[];
  /** Does nobody answer who is listed, although this machine has a network? */
  isStranded(): boolean;
  /** Called after every attempt. */
  onAttempt(): void;
}

/** What a mirror answered: its HTTP status and text. */
export interface MirrorReply {
  readonly status: number;
  readonly body: string;
}

/** Where the lists of a network's nodes come from: signed directories, or a chain. */
export interface ListSource {
  readonly nodes: NodeSource;
  /** Looks for a newer list once, and takes it if it can be believed. Rejects if nobody gave one that can. */
  refresh(users: ListUsers, signal: AbortSignal): Promise<void>;
  /** What a person can know of the network. */
  info(): NetworkInfo;
}
