import {
  malformed,
  readInteger,
  readKey,
  readList,
  readObject,
  readStamp,
  readString,
  type Stamp,
} from './reply-reader.ts';

/** A member of a swarm and how to reach it. */
export interface SwarmNode {
  readonly ip: string;
  readonly httpsPort: number;
  readonly omqPort: number;
  /** 32 bytes. */
  readonly ed25519Key: Uint8Array;
  readonly x25519Key: Uint8Array;
}

/** Which nodes keep an account's messages (storage-rpc §7). */
export interface SwarmReply extends Stamp {
  readonly swarmId: bigint;
  /** Without members that nobody can reach yet. */
  readonly nodes: readonly SwarmNode[];
}

const SWARM_ID = /^[0-9a-f]{1,16}$/;
const UNKNOWN_ADDRESS = '0.0.0.0';
const HIGHEST_PORT = 65535;

/** Reads the answer of `get_swarm`, also the body of a 421. @throws WireError `rpc`. */
export function readSwarm(body: unknown): SwarmReply {
  const reply = readObject(body, 'answer');
  const swarm = readString(reply, 'swarm');
  if (!SWARM_ID.test(swarm)) malformed('swarm');
  const nodes = readList(reply, 'snodes').map(readNode);
  return {
    swarmId: BigInt(`0x${swarm}`),
    nodes: nodes.filter(({ ip }) => ip !== UNKNOWN_ADDRESS),
    ...readStamp(reply),
  };
}

function readNode(value: unknown): SwarmNode {
  const node = readObject(value, 'snodes');
  return {
    ip: readString(node, 'ip'),
    httpsPort: readPort(readInteger(node, 'port_https')),
    omqPort: readPort(readInteger(node, 'port_omq')),
    ed25519Key: readKey(node, 'pubkey_ed25519'),
    x25519Key: readKey(node, 'pubkey_x25519'),
  };
}

function readPort(port: number): number {
  return port <= HIGHEST_PORT ? port : malformed('port');
}
