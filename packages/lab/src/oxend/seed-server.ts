import { createHash, X509Certificate } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { createServer, request, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { type ChainSeed, loadOrCreateCertificate } from '@sotto/directory';
import type { OxendNode } from './oxend-network.ts';

const HOST = '127.0.0.1';

/** A server that tells newcomers the nodes of a chain, with a certificate of its own that they have to find (onion-requests §3.1). */
export interface LabSeedServer {
  /** As in the network file. */
  readonly listed: ChainSeed;
  /** Requests that it has answered. */
  answered(): number;
  /** Closes it; {@link open} opens it again at the same place. */
  close(): Promise<void>;
  open(): Promise<void>;
}

/** Starts one that passes questions on to a node, since the stand-in for oxend speaks no HTTPS. */
export async function startSeedServer(folder: string, behind: () => OxendNode): Promise<LabSeedServer> {
  mkdirSync(folder, { recursive: true });
  const certificate = await loadOrCreateCertificate(folder);
  const x509 = new X509Certificate(certificate.cert);
  const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes);
  let count = 0;
  let port = 0;
  let server: Server | null = null;
  const seed = {
    answered: () => count,
    async close() {
      const closing = server;
      server = null;
      closing?.closeAllConnections();
      await new Promise((resolve) => (closing ? closing.close(resolve) : resolve(null)));
    },
    async open() {
      const opening = createServer(certificate, (question, answer) => {
        const options = { host: HOST, port: behind().httpsPort, path: '/json_rpc', method: 'POST' };
        const passed = request({ ...options, rejectUnauthorized: false }, (reply) => {
          count++;
          answer.writeHead(reply.statusCode ?? 502, { 'Content-Type': 'application/json' });
          reply.pipe(answer);
        });
        passed.on('error', () => answer.destroy());
        question.pipe(passed);
      });
      await new Promise<void>((resolve) => opening.listen(port, HOST, resolve));
      server = opening;
      port = (opening.address() as AddressInfo).port;
    },
  };
  await seed.open();
  const listed: ChainSeed = {
    url: `https://${HOST}:${port}`,
    spki: sha256(x509.publicKey.export({ type: 'spki', format: 'der' })).digest('base64'),
    certificate: sha256(x509.raw).digest('hex'),
  };
  return { ...seed, listed };
}
