import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFile } from './storage.ts';

/** A TLS server's certificate and private key, PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/**
 * The self-signed certificate kept in a folder as `certificate.pem`, made and written there (mode 0600, key included)
 * if it is missing or unreadable. Nobody verifies it: clients know nodes by their Ed25519 keys and directories are
 * signed, so TLS only keeps bystanders from reading along, and any valid certificate does.
 * @throws DirectoryError `storage` if it cannot be written.
 */
export async function loadOrCreateCertificate(folder: string): Promise<Certificate> {
  const path = join(folder, 'certificate.pem');
  const saved = await readFile(path, 'utf8').catch(() => '');
  const cert = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n/.exec(saved)?.[0];
  const key = /-----BEGIN PRIVATE KEY-----[^-]+-----END PRIVATE KEY-----\n/.exec(saved)?.[0];
  if (cert && key) return { cert, key };
  const created = await createCertificate();
  await replaceFile(path, created.cert + created.key);
  return created;
}

/** P-256, because a handshake with it costs a tenth of RSA-2048 and every client of the network takes it. */
async function createCertificate(): Promise<Certificate> {
  // Loaded only here: the library takes some 80 ms and 18 MB, and most starts find their certificate.
  await import('reflect-metadata');
  const { X509CertificateGenerator } = await import('@peculiar/x509');
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: '01',
    name: 'CN=localhost',
    // Far apart, so that a wrong clock or a long life never makes it a reason to refuse.
    notBefore: new Date(Date.UTC(2020, 0, 1)),
    notAfter: new Date(Date.UTC(2049, 11, 31)),
    signingAlgorithm: algorithm,
    keys,
  });
  const key = Buffer.from(await crypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
  return {
    cert: `${certificate.toString('pem')}\n`,
    key: `-----BEGIN PRIVATE KEY-----\n${key.replace(/.{64}/g, '$&\n').trimEnd()}\n-----END PRIVATE KEY-----\n`,
  };
}
