import { EngineError } from '@sotto/client';
import {
  DirectoryError,
  isNetworkLink,
  type NetworkFile,
  networkId,
  parseNetworkFile,
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
  /** All nodes are in one place. */
  readonly oneSite: boolean;
  /** Origins of its file servers. */
  readonly fileServers: readonly string[];
}

/** Reads what a person gave: a network file's text, or its `sotto:` link. @throws EngineError `bad-network` */
export function readNetwork(text: string): NetworkFile {
  try {
    return isNetworkLink(text) ? parseNetworkLink(text) : parseNetworkFile(text);
  } catch (error) {
    if (error instanceof DirectoryError) throw new EngineError('bad-network', error.message);
    throw error;
  }
}

/** A network as its file describes it; nobody has been asked yet. */
export function previewNetwork(file: NetworkFile): NetworkPreview {
  return {
    name: file.name,
    id: bytesToHex(networkId(file)),
    authorities: file.authorities,
    threshold: file.threshold,
    oneSite: file.parameters.oneSite,
    fileServers: (file.files ?? []).map(({ url }) => url),
  };
}
