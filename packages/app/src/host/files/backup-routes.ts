import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { EngineError, type ProxySetting } from '@sotto/client';
import type { Messenger } from '../messenger.ts';
import { proxy as proxySchema } from '../router/proxy.ts';

const BACKUP_PATH = '/files/backup';
const RESTORE_PATH = '/files/restore';
const MOST_PASSPHRASE_CHARACTERS = 1_000;
const MOST_PROXY_CHARACTERS = 2_000;
const STATUS_BY_CODE: Readonly<Record<string, number>> = { 'wrong-passphrase': 403, 'disk-full': 507 };

/** Whether a path is one of those that carry backups. */
export function isBackupPath(path: string): boolean {
  return path === BACKUP_PATH || path === RESTORE_PATH;
}

/**
 * Backups of whole profiles, for who has both halves of the session (the caller checks that): `POST /files/backup` gives
 * one, `POST /files/restore` makes a profile of one. Both are sealed with the passphrase in the header `X-Passphrase`.
 * A restore has the header `X-Proxy`, too: a proxy as JSON, or `null`. Both headers are percent-encoded.
 */
export async function answerBackups(
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
  messenger: Messenger,
): Promise<void> {
  try {
    if (request.method !== 'POST') return refuse(response, 405);
    const passphrase = readHeader(request, 'x-passphrase', MOST_PASSPHRASE_CHARACTERS);
    if (passphrase === null) return refuse(response, 400);
    if (path === BACKUP_PATH) return await give(response, messenger.engine().backUp(passphrase));
    const proxy = readProxy(request);
    if (proxy === undefined) return refuse(response, 400);
    await take(request, response, () => messenger.restoreBackup(bodyOf(request), passphrase, proxy));
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

async function take(request: IncomingMessage, response: ServerResponse, restore: () => Promise<void>): Promise<void> {
  try {
    await restore();
  } finally {
    request.resume();
  }
  response.writeHead(204, { 'Cache-Control': 'no-store' });
  response.end();
}

/** The connection has to live on, so that a refusal in the middle can be told. */
function bodyOf(request: IncomingMessage): AsyncIterable<Uint8Array> {
  return request.iterator({ destroyOnReturn: false });
}

/** The proxy that was chosen, `null` for none; `undefined` if the header says neither. */
function readProxy(request: IncomingMessage): ProxySetting | null | undefined {
  const text = readHeader(request, 'x-proxy', MOST_PROXY_CHARACTERS);
  if (text === null) return undefined;
  try {
    return proxySchema.nullable().safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** What a percent-encoded header says; `null` if it is missing, malformed or longer than `most` characters. */
function readHeader(request: IncomingMessage, name: string, most: number): string | null {
  const header = request.headers[name];
  if (typeof header !== 'string' || header.length > 12 * most) return null;
  try {
    const text = decodeURIComponent(header);
    return text.length <= most ? text : null;
  } catch {
    return null;
  }
}

function refuse(response: ServerResponse, status: number, reason?: string): void {
  response.writeHead(status, { 'Cache-Control': 'no-store', ...(reason ? { 'X-Reason': reason } : {}) });
  response.end();
}
