/**
 * How many onion layers one core peels in a second, beside libsodium alone (X25519, BLAKE2b, XChaCha20-Poly1305) on
 * the same bytes. Run it with `node bench/wire/onion-layers.ts`.
 */
import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import { concatBytes, type Random } from '@sotto/wire/bytes';
import { x25519KeyPair } from '@sotto/wire/crypto';
import { buildLayer, encodePayload, peelLayer, type SealedLayer } from '@sotto/wire/onion';
import { measure } from 'mitata';

const sodium = createRequire(import.meta.url)('sodium-native');

const NONCE_BYTES = 24;
const TAG_BYTES = 16;
const SEAL_AND_PREFIX_BYTES = 44;
const ROUNDS = 5;

const LAYERS = {
  final: '{"headers":""}',
  relay: JSON.stringify({ destination: 'ab'.repeat(32), enc_type: 'xchacha20', ephemeral_key: 'cd'.repeat(32) }),
};

const random: Random = (size) => Uint8Array.from(randomBytes(size));
const node = x25519KeyPair(random(32));

/** A layer whose ciphertext has `size` bytes, as a node receives it. */
function sealedLayer(json: string, size: number): SealedLayer {
  const content = random(size - json.length - SEAL_AND_PREFIX_BYTES);
  return buildLayer(node.publicKey, encodePayload(content, json), 'xchacha20', random);
}

/** The libsodium calls that peeling cannot do without, into buffers that are there already. */
function bareCrypto({ ciphertext, ephemeralKey }: SealedLayer): () => void {
  const hashed = concatBytes(new Uint8Array(32), ephemeralKey, node.publicKey);
  const shared = hashed.subarray(0, 32);
  const key = new Uint8Array(32);
  const nonce = ciphertext.subarray(0, NONCE_BYTES);
  const sealed = ciphertext.subarray(NONCE_BYTES);
  const plaintext = new Uint8Array(sealed.length - TAG_BYTES);
  return () => {
    sodium.crypto_scalarmult(shared, node.secretKey, ephemeralKey);
    sodium.crypto_generichash(key, hashed);
    sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(plaintext, null, sealed, null, nonce, key);
  };
}

/** Calls a second, over the median of the calls' times. */
async function perSecond(call: () => unknown): Promise<number> {
  const { p50 } = await measure(call, { min_cpu_time: 300e6 });
  return 1e9 / p50;
}

console.log('layer   bytes   peeled/s     libsodium/s   time against libsodium alone (median of rounds)');
for (const [name, json] of Object.entries(LAYERS)) {
  for (const size of [1024, 4096]) {
    const layer = sealedLayer(json, size);
    const openBare = bareCrypto(layer);
    if (peelLayer(node, layer).kind === 'invalid-ciphertext') throw new Error('the layer does not open');
    const rounds = [];
    for (let round = 0; round < ROUNDS; round++) {
      const bare = await perSecond(openBare);
      const peeled = await perSecond(() => peelLayer(node, layer));
      rounds.push({ bare, peeled, ratio: bare / peeled });
    }
    const { bare, peeled, ratio } = rounds.sort((a, b) => a.ratio - b.ratio)[Math.floor(ROUNDS / 2)]!;
    const columns = [
      name.padEnd(5),
      String(size).padStart(7),
      peeled.toFixed(0).padStart(10),
      bare.toFixed(0).padStart(15),
    ];
    console.log(`${columns.join(' ')}   ${ratio.toFixed(3)}`);
  }
}
