import type { NodeRecord } from '@sotto/wire/nodes';

/** How requests reach other nodes, whatever the transport. */
export interface PeerLink {
  /**
   * Sends a command with its data parts to a node and waits for the reply's data parts.
   * `null` if it could not be sent, was refused, or no reply came within `timeout` ms; never rejects.
   */
  request(
    node: NodeRecord,
    command: string,
    parts: readonly Uint8Array[],
    timeout: number,
  ): Promise<readonly Uint8Array[] | null>;
}
