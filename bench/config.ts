/**
 * What it costs to keep devices of an account in step, beside the floor in the same run: zstd, BLAKE2b and
 * XChaCha20-Poly1305 over the same bytes. Run: node bench/config.ts
 */
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { accessors, ConfigObject, contacts, type StoredMessage, userConfigOptions } from '@sotto/config';
import { deriveAccount } from '@sotto/wire/account';

const sodium = createRequire(import.meta.url)('sodium-native');

const CONTACTS = 5000;
const INCOMING = 1000;
const INCOMING_CONTACTS = 50;
const ROUNDS = 30;
const NOW = Date.UTC(2026, 0, 1);

const account = deriveAccount(Buffer.alloc(16, 1));
const options = userConfigOptions(contacts, account);
const people = (config: ConfigObject) => accessors(contacts, config, () => NOW).contacts;
const idOf = (index: number): string => `05${createHash('sha256').update(`contact ${index}`).digest('hex')}`;

function accountWith(count: number): ConfigObject {
  const config = new ConfigObject(options);
  for (let index = 0; index < count; index++) {
    people(config).set(idOf(index), {
      name: `Person ${index}`,
      approved: true,
      approvedMe: true,
      created: 1_700_000_000 + index,
      ...(index % 2 === 0 && {
        picture: {
          url: `http://filev2.getsession.org/file/${1_000_000 + index}`,
          key: createHash('sha256').update(`key ${index}`).digest(),
        },
      }),
    });
  }
  push(config);
  return config;
}

let hashes = 0;
function push(config: ConfigObject): StoredMessage[] {
  const { seqno, messages } = config.push(NOW);
  const stored = messages.map((data) => ({ hash: `hash ${hashes++}`, data }));
  config.confirm(
    seqno,
    stored.map(({ hash }) => hash),
  );
  return stored;
}

/** Median of the CPU time of `work`, ms; the first rounds only warm up. */
function measure(rounds: number, work: (round: number) => void): number {
  const times: number[] = [];
  for (let round = 0; round < rounds + 5; round++) {
    const start = process.cpuUsage();
    work(round);
    const { user, system } = process.cpuUsage(start);
    if (round >= 5) times.push((user + system) / 1000);
  }
  return times.sort((a, b) => a - b)[Math.floor(times.length / 2)]!;
}

/** What any implementation does with a plaintext on its way out: message hash, compression, nonce, encryption. */
function sealFloor(plaintext: Uint8Array): Uint8Array {
  sodium.crypto_generichash(Buffer.alloc(32), plaintext);
  const packed = zstdCompressSync(plaintext, { params: { [constants.ZSTD_c_compressionLevel]: 1 } });
  const nonce = Buffer.alloc(24);
  sodium.crypto_generichash(nonce, packed);
  const sealed = Buffer.alloc(packed.length + 16);
  sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(sealed, packed, null, null, nonce, Buffer.alloc(32));
  return sealed;
}

/** And on its way in. */
function openFloor(sealed: Uint8Array, nonce: Uint8Array): void {
  const packed = Buffer.alloc(sealed.length - 16);
  sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(packed, null, sealed, null, nonce, Buffer.alloc(32));
  sodium.crypto_generichash(Buffer.alloc(32), zstdDecompressSync(packed));
}

function nonceOf(plaintext: Uint8Array): Uint8Array {
  const packed = zstdCompressSync(plaintext, { params: { [constants.ZSTD_c_compressionLevel]: 1 } });
  const nonce = Buffer.alloc(24);
  sodium.crypto_generichash(nonce, packed);
  return nonce;
}

function report(what: string, ours: number, floor: number): void {
  console.log(
    `${what.padEnd(64)} ${ours.toFixed(2).padStart(9)} ms   floor ${floor.toFixed(2).padStart(8)} ms   × ${(ours / floor).toFixed(2)}`,
  );
}

const large = accountWith(CONTACTS);
const { bytes } = large.message;
console.log(
  `${CONTACTS} contacts: ${bytes.length.toLocaleString('en')} bytes, ${large.push(NOW).messages.length} messages. CPU time, median:\n`,
);

const pushFloor = measure(ROUNDS, () => sealFloor(bytes));
const edited = measure(ROUNDS, (round) => {
  people(large).set(idOf(round * 31), { nickname: `Changed ${round}` });
  push(large);
});
report('a contact edited and pushed', edited, pushFloor);

const stored = push(large);
const sealed = sealFloor(bytes);
const nonce = nonceOf(bytes);
const parse = measure(ROUNDS, () => new ConfigObject(options).merge(stored, NOW));
report(
  'decrypted and parsed by a new device',
  parse,
  measure(ROUNDS, () => openFloor(sealed, nonce)),
);

const incoming: StoredMessage[] = [];
const plaintexts: Uint8Array[] = [];
const base = accountWith(INCOMING_CONTACTS);
const baseMessages = push(base);
for (let index = 0; index < INCOMING; index++) {
  const device = new ConfigObject(options);
  device.merge(baseMessages, NOW);
  people(device).set(idOf(index % INCOMING_CONTACTS), { nickname: `From device ${index}` });
  incoming.push(...push(device));
  plaintexts.push(device.message.bytes);
}
// Wrapped for old clients: each one also costs opening a sealed box and checking a signature.
const { x25519, ed25519 } = account;
const box = Buffer.alloc(incoming[0]!.data.length);
sodium.crypto_box_seal(box, Buffer.alloc(box.length - 48), x25519.publicKey);
const signature = Buffer.alloc(64);
sodium.crypto_sign_detached(signature, box, ed25519.secretKey);
function unwrapFloor(): void {
  sodium.crypto_box_seal_open(Buffer.alloc(box.length - 48), box, x25519.publicKey, x25519.secretKey);
  sodium.crypto_sign_verify_detached(signature, box, ed25519.publicKey);
}

const seals = plaintexts.map((plaintext) => [sealFloor(plaintext), nonceOf(plaintext)] as const);
const mergeTime = measure(3, () => {
  const device = new ConfigObject(options);
  device.merge(baseMessages, NOW);
  device.merge(incoming, NOW);
  if (device.state !== 'dirty') throw new Error('nothing was merged');
});
const mergeFloor = measure(3, () => {
  for (const [message, itsNonce] of seals) openFloor(message, itsNonce);
});
const unwrapping = measure(3, () => {
  for (let index = 0; index < INCOMING; index++) unwrapFloor();
});
const what = `${INCOMING} configs of ${INCOMING_CONTACTS} contacts merged at once`;
report(what, mergeTime, mergeFloor);
report('the same, the floor with the wrapping of old clients', mergeTime, mergeFloor + unwrapping);
