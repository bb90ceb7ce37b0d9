import { bytesToHex, hexToBytes, utf8ToBytes } from '@sotto/wire/bytes';
import { badBackup } from './sealed-stream.ts';

const FORMAT = 1;
const KEY = /^[0-9a-f]{64}$/;
/** A manifest is a few lines. */
export const LONGEST_MANIFEST = 4096;

/** What a backup says of itself, first of all. */
export interface Manifest {
  /** When it was made, ms. */
  readonly createdAt: number;
  /** 32 bytes that open the database inside; they open nothing else. The caller wipes them. */
  readonly databaseKey: Uint8Array;
}

/** As JSON in UTF-8. */
export function encodeManifest({ createdAt, databaseKey }: Manifest): Uint8Array {
  return utf8ToBytes(JSON.stringify({ sottoBackup: FORMAT, createdAt, databaseKey: bytesToHex(databaseKey) }));
}

/** @throws EngineError `bad-backup` */
export function decodeManifest(bytes: Uint8Array): Manifest {
  const json = parsed(Buffer.from(bytes).toString('utf8'));
  if (typeof json !== 'object' || json === null) throw badBackup('the backup says nothing of itself');
  const { sottoBackup, createdAt, databaseKey } = json as Record<string, unknown>;
  if (sottoBackup !== FORMAT) throw badBackup('the backup was written by a newer version');
  if (!Number.isSafeInteger(createdAt) || typeof databaseKey !== 'string' || !KEY.test(databaseKey)) {
    throw badBackup('the backup says nothing of use of itself');
  }
  return { createdAt: createdAt as number, databaseKey: hexToBytes(databaseKey) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
