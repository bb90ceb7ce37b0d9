import { createHash, type X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import type { CertificatePins } from './transport.ts';

/**
 * Is this the certificate that the pins name (onion-requests §3.1)? For a host with a name it has to be made for that name;
 * nodes' own certificates say nothing of their address, so at an IP address the pins alone decide.
 * @param host a name or an IP address, without brackets.
 */
export function matchesPins(certificate: X509Certificate | undefined, host: string, pins: CertificatePins): boolean {
  if (!certificate) return false;
  const spki = certificate.publicKey.export({ type: 'spki', format: 'der' });
  return (
    (isIP(host) !== 0 || certificate.checkHost(host) !== undefined) &&
    createHash('sha256').update(spki).digest('base64') === pins.spki &&
    createHash('sha256').update(certificate.raw).digest('hex') === pins.certificate
  );
}
