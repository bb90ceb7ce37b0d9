/** How a node finds its network through a chain daemon, oxend (node-network §10). */
export interface OxendOptions {
  /** `ipc:///path`, `tcp://host:port`, `curve://host:port/key` or `ipc+curve:///path/key`. */
  readonly address: string;
  /** Which chain it is; absent: the main network. On a private one no seed is asked. */
  readonly chain?: 'mainnet' | 'testnet' | 'private';
  /** Addresses of nodes to ask at the start whether our oxend lags behind; absent: those of the chain. */
  readonly seeds?: readonly string[];
  /** Serve at once, whatever oxend says of itself and its list. */
  readonly forceStart?: boolean;
}
