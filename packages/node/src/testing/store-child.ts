import { randomBytes } from 'node:crypto';
import { writeSync } from 'node:fs';
import { bytesToBase64Unpadded } from '@sotto/wire/bytes';
import { openSqliteStore } from '../store/sqlite-store.ts';

/** Stores messages without end and prints the hash of each one as soon as it is acknowledged; a test kills it. */
const store = openSqliteStore({ path: process.argv[2]! });

async function storeForEver(): Promise<never> {
  for (;;) {
    const hash = bytesToBase64Unpadded(randomBytes(32));
    const times = { timestamp: Date.now(), expiry: Date.now() + 60_000 };
    await store.store({ hash, account: new Uint8Array(33), namespace: 0, data: randomBytes(500), ...times }, false);
    writeSync(1, `${hash}\n`);
  }
}

await Promise.all([storeForEver(), storeForEver(), storeForEver()]);
