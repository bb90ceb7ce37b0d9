/** The network that a profile belongs to, and who has decided about it so far. */
export interface NetworkInfo {
  readonly name: string;
  /** 64 hex digits. */
  readonly id: string;
  /** Present if a chain lists its nodes: then nobody signs lists, and what tells of signers below is empty. */
  readonly chain?: ChainInfo;
  /** Who decides now which nodes belong to it. */
  readonly authorities: readonly NetworkAuthorityInfo[];
  /** How many of them must sign a list of nodes. */
  readonly threshold: number;
  /** The list of nodes in use; `null` before the first. */
  readonly list: NodeListInfo | null;
  /** All nodes are in one place. */
  readonly oneSite: boolean;
  /** Origins of the network's file servers. */
  readonly fileServers: readonly string[];
  /** Changes of who decides since the network was made, oldest first. */
  readonly successions: readonly SuccessionInfo[];
  /** Who signed the lists that this device has seen, oldest first; at most 200. */
  readonly history: readonly SignedListInfo[];
}

/** Where the first list of a chain's nodes comes from. */
export interface ChainInfo {
  readonly seeds: readonly {
    /** Origin. */
    readonly url: string;
    /** It has to show the certificate that the network file names. */
    readonly verified: boolean;
  }[];
}

/** Somebody who signs lists of nodes. */
export interface NetworkAuthorityInfo {
  /** Ed25519 key, 64 hex digits. */
  readonly key: string;
  /** Origins where it publishes. */
  readonly urls: readonly string[];
  /** Its valid signature is on the list in use. */
  readonly signed: boolean;
}

/** A list of nodes. */
export interface NodeListInfo {
  /** Grows with each list; of a chain, its height. */
  readonly number: number;
  /** ms; of a chain, when it was fetched. */
  readonly validFrom: number;
  /** `null`: it has no end. */
  readonly validUntil: number | null;
  readonly nodes: number;
  /** Its time is over. */
  readonly expired: boolean;
}

/** A change of who decides, as those who decided before it signed it. */
export interface SuccessionInfo {
  /** 1 for the first. */
  readonly number: number;
  readonly threshold: number;
  /** Keys of those who decide from then on. */
  readonly authorities: readonly string[];
  /** Keys of those who agreed to it. */
  readonly signers: readonly string[];
}

/** Who signed one list. */
export interface SignedListInfo {
  readonly number: number;
  /** ms. */
  readonly validFrom: number;
  /** Keys of the authorities. */
  readonly signers: readonly string[];
  readonly nodes: number;
  /** Another list had the same number: whoever signed both lied. */
  readonly contradicts: boolean;
}
