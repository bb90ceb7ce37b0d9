import { bytesToBase32z, bytesToHex } from '@sotto/wire/bytes';
import { type NodeRecord, nodeLegacyKey, nodeX25519Key } from '@sotto/wire/nodes';
import { formatSwarmId } from '@sotto/wire/swarm';
import type { Swarm } from '../swarm/swarm-view.ts';
import type { ReplyObject } from './rpc-reply.ts';

/** The members of a swarm as clients read them (storage-rpc §7); those without a known address are left out. */
export function swarmObject({ id, members }: Swarm): ReplyObject {
  const entries = members.filter((member) => member.ip !== '0.0.0.0').map(memberEntry);
  return { snodes: entries.filter((entry) => entry !== null), swarm: formatSwarmId(id) };
}

function memberEntry(node: NodeRecord): ReplyObject | null {
  const x25519Key = nodeX25519Key(node);
  if (!x25519Key) return null;
  const legacyKey = nodeLegacyKey(node);
  return {
    address: `${bytesToBase32z(legacyKey)}.snode`,
    ip: node.ip,
    port: String(node.httpsPort),
    port_https: node.httpsPort,
    port_omq: node.omqPort,
    port_quic: node.omqPort,
    pubkey_ed25519: bytesToHex(node.ed25519Key),
    pubkey_legacy: bytesToHex(legacyKey),
    pubkey_x25519: bytesToHex(x25519Key),
  };
}
