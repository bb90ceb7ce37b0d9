import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { EngineError } from '@sotto/client';
import type { Messenger } from '../messenger.ts';

const BACKUP_PATH = '/files/backup';
const RESTORE_PATH = '/files/restore';
const MOST_PASSPHRASE_CHARACTERS = 1_000;
const STATUS_BY_CODE: Readonly<Record<string, number>> = { 'wrong-passphrase': 403, 'disk-full': 507 };

/** Whether a path is one of those that carry backups. */
export function isBackupPath(path: string): boolean {
  return path === BACKUP_PATH || path === RESTORE_PATH;
}

/**
 * Backups of whole profiles, for who has both halves of the session (the caller checks that): `POST /files/backup` gives
 * one, `POST /files/restore` makes a profile of one. Both are sealed with the passphrase in the header `X-Passphrase`,
 * which is percent-encoded.
 */
export async function answerBackups(
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
  messenger: Messenger,
): Promise<void> {
  try {
    if (request.method !== 'POST') return refuse(response, 405);
    const passphrase = readPassphrase(request);
    if (passphrase === null) return refuse(response, 400);
    if (path === BACKUP_PATH) await give(response, messenger.engine().backUp(passphrase));
    else await take(request, response, messenger, passphrase);
  } catch (error) {
    // The other side went away, or learns by the cut connection that the rest is missing.
    if (request.socket.destroyed || response.headersSent) return void response.destroy();
    if (!(error instanceof EngineError)) throw error;
    refuse(response, STATUS_BY_CODE[error.code] ?? 409, error.code);
  }
}

async function give(response: ServerResponse, backup: AsyncIterable<Uint8Array>): Promise<void> {
  const pieces = backup[Symbol.asyncIterator]();
  // Whatever makes a backup impossible shows with its first piece, while a refusal can still be told.
  const first = await pieces.next();
  response.writeHead(200, {
    'Content-Type': 'application/octet-stream',
    'Content-Disposition': 'attachment',
    'Cache-Control': 'no-store',
  });
  await pipeline(Readable.from(startingWith(first, pieces)), response);
}

async function* startingWith(
  first: IteratorResult<Uint8Array>,
  rest: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  try {
    for (let piece = first; !piece.done; piece = await rest.next()) yield piece.value;
  } finally {
    await rest.return?.();
  }
}

async function take(
  request: IncomingMessage,
  response: ServerResponse,
  messenger: Messenger,
  passphrase: string,
): Promise<void> {
  try {
    // The connection has to live on, so that a refusal in the middle can be told.
    await messenger.restoreBackup(request.iterator({ destroyOnReturn: false }), passphrase);
  } finally {
    request.resume();
  }
  response.writeHead(204, { 'Cache-Control': 'no-store' });
  response.end();
}

function readPassphrase(request: IncomingMessage): string | null {
  const header = request.headers['x-passphrase'];
  if (typeof header !== 'string' || header.length > 12 * MOST_PASSPHRASE_CHARACTERS) return null;
  try {
    const passphrase = decodeURIComponent(header);
    return passphrase.length <= MOST_PASSPHRASE_CHARACTERS ? passphrase : null;
  } catch {
    return null;
  }
}

function refuse(response: ServerResponse, status: number, reason?: string): void {
  response.writeHead(status, { 'Cache-Control': 'no-store', ...(reason ? { 'X-Reason': reason } : {}) });
  response.end();
}
