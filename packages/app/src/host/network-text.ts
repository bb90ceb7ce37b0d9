import { type ChainInfo, EngineError } from '@sotto/client';
import {
  type AnyNetworkFile,
  DirectoryError,
  isChainNetwork,
  isNetworkLink,
  networkId,
  parseAnyNetworkFile,
  parseNetworkLink,
} from '@sotto/directory';
import { bytesToHex } from '@sotto/wire/bytes';

/** What a person sees of a network before they join it. */
export interface NetworkPreview {
  readonly name: string;
  /** 64 hex digits. */
  readonly id: string;
  /** Who decides which nodes belong to it. */
  readonly authorities: readonly { readonly key: string; readonly urls: readonly string[] }[];
  readonly threshold: number;
  /** Present if a chain lists its nodes: nobody signs lists then, and the first one comes from these servers. */
  readonly chain?: ChainInfo;
  /** All nodes are in one place. */
  readonly oneSite: boolean;
  /** Origins of its file servers. */
  readonly fileServers: readonly string[];
}

/** Reads what a person gave: a network file's text, or its `sotto:` link. @throws EngineError `bad-network` */
export function readNetwork(text: string): AnyNetworkFile {
  try {
    return isNetworkLink(text) ? parseNetworkLink(text) : parseAnyNetworkFile(text);
  } catch (error) {
    if (error instanceof DirectoryError) throw new EngineError('bad-network', error.message);
    throw error;
  }
}

/** A network as its file describes it; nobody has been asked yet. */
export function previewNetwork(file: AnyNetworkFile): NetworkPreview {
  const common = {
    name: file.name,
    id: bytesToHex(networkId(file)),
    fileServers: (file.files ?? []).map(({ url }) => url),
  };
  if (isChainNetwork(file)) {
    const { seeds, oneSite } = file.chain;
    const chain = { seeds: seeds.map(({ url, unverified = false }) => ({ url, verified: !unverified })) };
    return { ...common, authorities: [], threshold: 0, oneSite, chain };
  }
  const { authorities, threshold, parameters } = file;
  return { ...common, authorities, threshold, oneSite: parameters.oneSite };
}
