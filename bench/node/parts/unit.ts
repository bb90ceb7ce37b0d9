import { generateKeyPairSync, sign, verify } from 'node:crypto';

const VERIFICATIONS = 400;

const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const message = Buffer.alloc(64, 7);
const signature = sign(null, message, privateKey);

/**
 * CPU time in µs of one Ed25519 verification by OpenSSL: the unit in which figures of different machines and moments can be
 * compared, because the servers' work is mostly of its kind.
 */
export function measureUnit(): number {
  const before = process.cpuUsage();
  for (let index = 0; index < VERIFICATIONS; index++) verify(null, message, publicKey, signature);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / VERIFICATIONS;
}
