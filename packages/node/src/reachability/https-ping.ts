import { request } from 'node:https';
import { equalBytes } from '@sotto/wire/bytes';
import { type NodeRecord, nodeLegacyKey, nodeName, parsePublicKey } from '@sotto/wire/nodes';

/**
 * Tests a node over HTTPS (node-network §9): it must answer `/ping_test/v1` with status 200 and its own legacy key. Its
 * certificate is not looked at. Never rejects.
 */
export function httpsPing(node: NodeRecord, version: string, signal: AbortSignal): Promise<boolean> {
  const key = nodeLegacyKey(node);
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const sent = request(
    {
      host: node.ip,
      port: node.httpsPort,
      path: '/ping_test/v1',
      method: 'POST',
      headers: {
        Host: nodeName(key),
        'User-Agent': `Oxen Storage Server/${version}`,
        'Content-Type': 'application/octet-stream',
        'Content-Length': 0,
      },
      minVersion: 'TLSv1.2',
      rejectUnauthorized: false,
      agent: false,
      signal,
    },
    (answer) => {
      const header = answer.headers['x-oxen-snode-pubkey'];
      const shown = typeof header === 'string' ? parsePublicKey(header) : null;
      resolve(answer.statusCode === 200 && shown !== null && equalBytes(shown, key));
      answer.destroy();
    },
  );
  sent.on('error', () => resolve(false));
  sent.on('close', () => resolve(false));
  sent.end();
  return promise;
}
