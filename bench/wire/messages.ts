import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import { deriveAccount } from '@sotto/wire/account';
import { decodeContent, encodeContent } from '@sotto/wire/content';
import { openMessage, sealMessage } from '@sotto/wire/message';
import { bench, boxplot, do_not_optimize, run, summary } from 'mitata';

/**
 * What sealing and opening a text of 200 bytes costs, beside the libsodium calls that no implementation can do without.
 * Run: node bench/wire/messages.ts
 */
const sodium = createRequire(import.meta.url)('sodium-native');

const alice = deriveAccount(randomBytes(16));
const bob = deriveAccount(randomBytes(16));
const timestamp = 1_767_225_600_123;
const text = { dataMessage: { body: 'a'.repeat(200) }, sigTimestamp: BigInt(timestamp) };
const content = encodeContent(text);
const seal = () => sealMessage({ content, timestamp, sender: alice, recipient: bob.accountId, random: randomBytes });
const sealed = seal();

const padded = randomBytes(320);
const toSign = Buffer.concat([padded, alice.ed25519.publicKey, bob.x25519.publicKey]);
const signature = new Uint8Array(64);
sodium.crypto_sign_detached(signature, toSign, alice.ed25519.secretKey);
const signed = Buffer.concat([padded, alice.ed25519.publicKey, signature]);
const box = new Uint8Array(signed.length + sodium.crypto_box_SEALBYTES);
sodium.crypto_box_seal(box, signed, bob.x25519.publicKey);
const opened = new Uint8Array(signed.length);
const converted = new Uint8Array(32);
const point = new Uint8Array(32);
const scalar = new Uint8Array(32);
sodium.crypto_core_ed25519_scalar_random(scalar);

boxplot(() => {
  summary(() => {
    bench('seal: libsodium alone', () => {
      sodium.crypto_sign_detached(signature, toSign, alice.ed25519.secretKey);
      sodium.crypto_box_seal(box, signed, bob.x25519.publicKey);
      sodium.crypto_scalarmult_ed25519_base_noclamp(point, scalar);
    }).baseline(true);
    bench('seal: sealMessage', () => do_not_optimize(seal()));
    bench('seal: encodeContent + sealMessage', () => {
      encodeContent(text);
      do_not_optimize(seal());
    });
  });
});

boxplot(() => {
  summary(() => {
    bench('open: libsodium alone', () => {
      sodium.crypto_box_seal_open(opened, box, bob.x25519.publicKey, bob.x25519.secretKey);
      sodium.crypto_sign_verify_detached(signature, toSign, alice.ed25519.publicKey);
      sodium.crypto_sign_ed25519_pk_to_curve25519(converted, alice.ed25519.publicKey);
    }).baseline(true);
    bench('open: openMessage', () => do_not_optimize(openMessage(sealed, bob)));
    bench('open: openMessage + decodeContent', () => {
      const message = openMessage(sealed, bob);
      if (message.kind === 'message') do_not_optimize(decodeContent(message.content));
    });
  });
});

bench('content: encode', () => do_not_optimize(encodeContent(text)));
bench('content: decode', () => do_not_optimize(decodeContent(content)));

await run();
