import { WireError } from '@sotto/wire';
import { hexToBytes, wipe } from '@sotto/wire/bytes';
import { type NodeKeys, nodeKeysOfSecrets } from '@sotto/wire/nodes';
import { z } from 'zod';
import { DirectoryError } from '../errors.ts';
import { parseOxendJson } from './rpc.ts';

const secretsSchema = z.object({
  service_node_privkey: z.string().regex(/^[0-9a-fA-F]{64}$/),
  service_node_ed25519_privkey: z.string().regex(/^[0-9a-fA-F]{128}$/),
});

/**
 * Reads the answer of `admin.get_service_node_privkey` (node-network §10.2). The X25519 key follows from the Ed25519 one.
 * @throws DirectoryError `oxend` if the daemon does not run as a service node, or its keys do not belong together.
 */
export function parseNodeSecrets(json: string): NodeKeys {
  const parsed = secretsSchema.safeParse(parseOxendJson(json));
  if (!parsed.success) throw new DirectoryError('oxend', 'the chain daemon (oxend) does not run as a service node');
  const ed25519Secret = hexToBytes(parsed.data.service_node_ed25519_privkey);
  try {
    return nodeKeysOfSecrets(ed25519Secret, hexToBytes(parsed.data.service_node_privkey));
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    throw new DirectoryError('oxend', `the chain daemon (oxend) gave keys that cannot be used: ${error.message}`);
  } finally {
    wipe(ed25519Secret);
  }
}
