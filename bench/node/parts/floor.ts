import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { CaseName } from './plan.ts';

const sodium = createRequire(import.meta.url)('sodium-native');

/** CPU time in µs of what no server can do without, by the cheapest implementation that this runtime has. */
export interface Floor {
  /** Opening the record of a request of 1.6 KiB and sealing the one of a short answer (AES-128-GCM). */
  readonly tlsRecords: number;
  /** X25519, BLAKE2b and XChaCha20-Poly1305 over 1.6 KiB. */
  readonly onionLayer: number;
  /** XSalsa20-Poly1305 over 1.6 KiB, which one hop of an onion costs each of its two nodes, there or back. */
  readonly nodeFrame: number;
  readonly verification: number;
  readonly signature: number;
  /** One row of 1 KiB with the store's indices, synced to disk in groups of 16. */
  readonly insert: number;
}

/** Measures them; takes about a second. */
export function measureFloor(): Floor {
  const bytes = randomBytes(1600);
  const key = randomBytes(32);
  const nonce = randomBytes(24);
  const secret = randomBytes(32);
  const publicKey = Buffer.alloc(32);
  sodium.crypto_scalarmult_base(publicKey, secret);
  const out = Buffer.alloc(1600);
  const tag = Buffer.alloc(16);
  const shared = Buffer.alloc(96);
  const signer = { public: Buffer.alloc(32), secret: Buffer.alloc(64) };
  sodium.crypto_sign_keypair(signer.public, signer.secret);
  const signature = Buffer.alloc(64);
  sodium.crypto_sign_detached(signature, tag, signer.secret);
  const seal = (size: number) => {
    const cipher = createCipheriv('aes-128-gcm', tag, nonce.subarray(0, 12));
    cipher.update(bytes.subarray(0, size));
    cipher.final();
  };
  return {
    tlsRecords: cpuPerCall(() => {
      const opener = createDecipheriv('aes-128-gcm', tag, nonce.subarray(0, 12));
      opener.update(bytes);
      seal(400);
    }),
    onionLayer: cpuPerCall(() => {
      sodium.crypto_scalarmult(shared.subarray(0, 32), secret, publicKey);
      sodium.crypto_generichash(out.subarray(0, 32), shared);
      sodium.crypto_stream_chacha20_xor(out, bytes, nonce.subarray(0, 8), key);
      sodium.crypto_onetimeauth(tag, bytes, key);
    }),
    nodeFrame: cpuPerCall(() => sodium.crypto_secretbox_detached(out, tag, bytes, nonce, key)),
    verification: cpuPerCall(() => sodium.crypto_sign_verify_detached(signature, tag, signer.public)),
    signature: cpuPerCall(() => sodium.crypto_sign_detached(signature, tag, signer.secret)),
    insert: insertCost(),
  };
}

/** The floor of a whole request, summed over the nodes that it needs. */
export function floorOf(name: CaseName, floor: Floor): number {
  const { tlsRecords, onionLayer, nodeFrame, verification, signature, insert } = floor;
  const store = signature + insert;
  // A relay's request and its answer are each sealed by one node and opened by another.
  const hop = 4 * nodeFrame;
  // Four layers are peeled, and the answer is sealed, which costs about a frame.
  const onion = tlsRecords + 4 * onionLayer + 3 * hop + nodeFrame;
  switch (name) {
    case 'info':
      return tlsRecords;
    case 'store':
      return tlsRecords + store;
    case 'omq-store':
      return 2 * nodeFrame + store;
    case 'retrieve':
    case 'retrieve-nothing':
      return tlsRecords + verification;
    case 'swarm-store':
      return tlsRecords + 3 * store + 2 * hop;
    case 'onion-info':
      return onion;
    case 'onion-retrieve':
      return onion + verification;
    case 'onion-store':
      return onion + 3 * store + 2 * hop;
  }
}

const ROUNDS = 2000;

function cpuPerCall(call: () => void, rounds = ROUNDS): number {
  for (let index = 0; index < rounds / 4; index++) call();
  const before = process.cpuUsage();
  for (let index = 0; index < rounds; index++) call();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / rounds;
}

function insertCost(): number {
  const folder = mkdtempSync(join(tmpdir(), 'sotto-floor-'));
  const database = new DatabaseSync(join(folder, 'floor.db'));
  try {
    database.exec(`PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
      CREATE TABLE messages (sequence INTEGER PRIMARY KEY, hash TEXT NOT NULL UNIQUE, account BLOB NOT NULL,
        namespace INTEGER NOT NULL, timestamp INTEGER NOT NULL, expiry INTEGER NOT NULL, data BLOB NOT NULL);
      CREATE INDEX by_mailbox ON messages (account, namespace); CREATE INDEX by_expiry ON messages (expiry)`);
    const insert = database.prepare('INSERT INTO messages VALUES (NULL, ?, ?, 0, 0, ?, ?)');
    const data = randomBytes(1024);
    const account = randomBytes(33);
    const group = 16;
    const cost = cpuPerCall(() => {
      database.exec('BEGIN');
      for (let index = 0; index < group; index++) insert.run(randomBytes(32).toString('base64'), account, 1, data);
      database.exec('COMMIT');
    }, 100);
    return cost / group;
  } finally {
    database.close();
    rmSync(folder, { recursive: true });
  }
}
