/** A node of a swarm, named by its Ed25519 key in hex. */
export interface SwarmNode {
  readonly key: string;
}

/** A request for a storage node, ready for JSON. */
interface SwarmRequest {
  readonly method: string;
  readonly params: object;
}

/** A request and the way to read its answer. */
export interface SwarmCall<Reply> {
  /** Makes the request anew for every attempt: fresh encryption, fresh signature at this network time (ms). */
  build(networkTime: number): SwarmRequest;
  /** Reads the parsed JSON of an answer with status 200. @throws WireError if the node talks nonsense or lies. */
  read(body: unknown): Reply;
  /**
   * Has the swarm done it, and not only the node that says so? If not, `send` asks other nodes as well, and gives the
   * reply only if none of them does better. Absent: one node is enough.
   */
  isEnough?(reply: Reply): boolean;
}

/**
 * Why the swarm did not do it: this machine has no network; nobody could be reached, or the right node did not answer;
 * the nodes refused the request as such; they find our time wrong, even after we asked others for it; the caller stopped.
 */
export type SwarmFailureReason = 'offline' | 'unreachable' | 'refused' | 'clock-wrong' | 'stopped';

/** A request to a swarm was not carried out; unless it was `refused`, a node may have acted on it all the same. */
export class SwarmFailure extends Error {
  readonly reason: SwarmFailureReason;

  constructor(reason: SwarmFailureReason) {
    super(`the swarm did not carry out the request: ${reason}`);
    this.name = 'SwarmFailure';
    this.reason = reason;
  }
}

/** The floor below, as conversations see it. What `build` throws comes through unchanged. */
export interface SwarmAccess {
  /** Network time, ms (onion-requests §5.4). */
  now(): number;
  /** Does a private route stand, and are nodes known? */
  isConnected(): boolean;
  /** Calls `listener` whenever `isConnected` may have changed; gives the function that stops this. */
  onConnection(listener: () => void): () => void;
  /** The nodes of an account's swarm in random order, those that failed lately last; none before the first directory. */
  members(accountId: string): readonly SwarmNode[];
  /** One request to one node. @throws SwarmFailure */
  ask<Reply>(accountId: string, node: SwarmNode, call: SwarmCall<Reply>, signal: AbortSignal): Promise<Reply>;
  /**
   * As `ask`, over a route that carries nothing else, for a request that the node may hold for `holdMs` before it
   * answers. A failure costs nobody anything but this route. @throws SwarmFailure
   */
  askApart<Reply>(
    accountId: string,
    node: SwarmNode,
    call: SwarmCall<Reply>,
    holdMs: number,
    signal: AbortSignal,
  ): Promise<Reply>;
  /** Tries up to three nodes of the swarm, one after another, until one has done it. @throws SwarmFailure */
  send<Reply>(accountId: string, call: SwarmCall<Reply>, signal: AbortSignal): Promise<Reply>;
}
