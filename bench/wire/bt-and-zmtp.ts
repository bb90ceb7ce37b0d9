/**
 * How fast the bytes of node traffic are made and read: bt dicts as forwarded requests carry them, and frames under
 * CURVE. Run it with `node bench/wire/bt-and-zmtp.ts`.
 */
import { randomBytes } from 'node:crypto';
import { BtDictReader, decodeBt, encodeBt } from '@sotto/wire/bt';
import { secretBoxSeal, x25519KeyPair } from '@sotto/wire/crypto';
import { dialCurve, listenCurve, type ZmtpConnection } from '@sotto/wire/zmtp';
import { bench, do_not_optimize, run, summary } from 'mitata';

const store = {
  data: randomBytes(1024),
  expiry: 1_723_209_600_123,
  namespace: 0,
  pubkey: randomBytes(33),
  pubkey_ed25519: randomBytes(32),
  signature: randomBytes(64),
  timestamp: 1_722_000_000_123,
};
const encoded = encodeBt(store);

bench('bt: encode a store request of 1 KiB', () => do_not_optimize(encodeBt(store)));
bench('bt: decode it', () => do_not_optimize(decodeBt(encoded)));
bench('bt: read it key by key', () => {
  const dict = new BtDictReader(encoded);
  do_not_optimize([
    dict.at('data').readBytes(),
    dict.at('expiry').readNumber(),
    dict.at('namespace').readNumber('int16'),
    dict.at('pubkey').readFixedBytes(33),
    dict.at('pubkey_ed25519').readFixedBytes(32),
    dict.at('signature').readFixedBytes(64),
    dict.at('timestamp').readNumber(),
  ]);
});

const keys = x25519KeyPair(randomBytes(32));

function connectedPair(): [dialler: ZmtpConnection, listener: ZmtpConnection] {
  const dialler = dialCurve({ keys, listenerKey: keys.publicKey, random: randomBytes });
  const listener = listenCurve({ keys, random: randomBytes });
  let toListener = [dialler.greeting];
  let toDialler = [listener.greeting];
  while (toListener.length > 0 || toDialler.length > 0) {
    const fromListener = toListener.flatMap((bytes) => listener.receive(bytes).output);
    const fromDialler = toDialler.flatMap((bytes) => dialler.receive(bytes).output);
    toListener = fromDialler;
    toDialler = fromListener;
  }
  return [dialler, listener];
}

const [dialler, listener] = connectedPair();
const payload = randomBytes(1024);
const key = randomBytes(32);
const nonce = randomBytes(24);

summary(() => {
  bench('libsodium alone: seal 1 KiB', () => do_not_optimize(secretBoxSeal(key, nonce, payload)));
  bench('CURVE: seal a message of 1 KiB', () => do_not_optimize(dialler.send([payload])));
  bench('CURVE: seal and open a message of 1 KiB', () => {
    do_not_optimize(listener.receive(dialler.send([payload])));
  });
});

bench('CURVE: handshake, both sides', () => do_not_optimize(connectedPair()));

await run();
