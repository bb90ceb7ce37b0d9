/** One relay of the path in use. */
export interface RouteRelay {
  readonly role: 'guard' | 'middle' | 'exit';
  readonly address: string;
  /** Ed25519 key of the node, hex. */
  readonly key: string;
}

/**
 * Why nothing goes through the proxy of this profile: it cannot be connected to; it refuses user name and password; it
 * does not speak its protocol; or it cannot reach anything itself.
 */
export type ProxyProblem = 'unreachable' | 'wrong-login' | 'no-proxy' | 'no-way-out';

/** The live private route. `relays` is empty while no path stands. */
export interface RouteInfo {
  readonly state: 'connecting' | 'connected' | 'offline';
  readonly relays: readonly RouteRelay[];
  /** Median of the last round trips in ms, `null` before the first. */
  readonly roundTripMs: number | null;
  readonly builtAt: number | null;
  readonly networkName: string;
  /** Nodes that the network's directory lists. */
  readonly nodes: number;
  /** How many nodes keep what is sent to the mailbox asked about. */
  readonly mailboxCopies: number;
  /** The directory in use is older than its signature allows; shown to the person as a warning. */
  readonly directoryExpired: boolean;
  /** All nodes are in one place, so the rules that keep a route's relays apart are lifted; the person is told. */
  readonly oneSite: boolean;
  /** `null` without a proxy, or while it works. Nothing ever goes around it. */
  readonly proxyProblem: ProxyProblem | null;
}
