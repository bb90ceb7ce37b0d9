/**
 * What a node spends on a request before it touches its store, against the parts that cannot be avoided: parsing the
 * same JSON and verifying the same signature. Run with `node bench/wire/rpc.ts`.
 */

import { bytesToHex } from '@sotto/wire/bytes';
import { ed25519KeyPair, ed25519PublicToX25519, ed25519Verify } from '@sotto/wire/crypto';
import {
  accountSigner,
  btParams,
  buildRetrieve,
  buildStore,
  type CheckContext,
  checkRequest,
  parseRequest,
  readEnvelope,
  readOmqParams,
  signedBytes,
} from '@sotto/wire/rpc';
import { bench, group, run, summary } from 'mitata';

const now = 1_768_478_400_000;
const context: CheckContext = { now, forwarded: false, isRevoked: () => false };
const keys = ed25519KeyPair(new Uint8Array(32).fill(7));
const accountId = `05${bytesToHex(ed25519PublicToX25519(keys.publicKey)!)}`;

const storeBody = Buffer.from(
  JSON.stringify(buildStore({ accountId, data: new Uint8Array(1024).fill(9), timestamp: now, ttl: 1_209_600_000 })),
);
const retrieveBody = Buffer.from(
  JSON.stringify(buildRetrieve(accountSigner(accountId, keys), { namespace: 2, timestamp: now, maxSize: -8 })),
);

const store = accept(storeBody);
const retrieve = accept(retrieveBody);
if (retrieve.method !== 'retrieve' || retrieve.auth === null) throw new Error('not a signed retrieve');
const { signature } = retrieve.auth;
const message = signedBytes(retrieve)!;
const [storeBt, retrieveBt] = [btParams(store), btParams(retrieve)];

group('store of 1 KiB, unsigned', () => {
  summary(() => {
    bench('JSON.parse of the same bytes', () => JSON.parse(storeBody.toString())).baseline();
    bench('parse and check, JSON', () => accept(storeBody));
    bench('parse and check, bencoded', () => acceptBt('store', storeBt));
  });
});

group('retrieve, signed', () => {
  summary(() => {
    bench('JSON.parse and the bare verification', () => {
      JSON.parse(retrieveBody.toString());
      return ed25519Verify(message, signature, keys.publicKey);
    }).baseline();
    bench('the conversion of its Ed25519 key', () => ed25519PublicToX25519(keys.publicKey));
    bench('parse and check, JSON', () => accept(retrieveBody));
    bench('parse and check, bencoded', () => acceptBt('retrieve', retrieveBt));
  });
});

await run();

function accept(body: Uint8Array) {
  const { method, params } = readEnvelope(body);
  const request = parseRequest(method, params);
  const failure = checkRequest(request, context);
  if (failure !== null) throw failure;
  return request;
}

function acceptBt(method: string, bytes: Uint8Array) {
  const request = parseRequest(method, readOmqParams(bytes));
  const failure = checkRequest(request, context);
  if (failure !== null) throw failure;
  return request;
}
