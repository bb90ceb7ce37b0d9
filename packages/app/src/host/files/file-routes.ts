import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { type Engine, EngineError } from '@sotto/client';
import { typeByContent } from './type-by-content.ts';

/** Bytes of a file that may be sent (messages §6). */
const MOST_FILE_BYTES = 10_000_000;
const FILES_PATH = '/files';
const ATTACHMENTS_PATH = '/files/attachments/';
const PICTURES_PATH = '/files/pictures/';
const OWN_PICTURE_PATH = '/files/pictures/own';
const NAME = /^[\w-]{1,200}$/;
const STATUS_BY_CODE: Readonly<Record<string, number>> = { 'too-large': 413, 'not-found': 404, 'disk-full': 507 };

/** Whether a path is one of those that carry files. */
export function isFilePath(path: string): boolean {
  return path === FILES_PATH || path.startsWith(`${FILES_PATH}/`);
}

/**
 * The bytes that the page and the engine give each other, for who has both halves of the session (the caller checks
 * that): `POST /files` keeps a file to be sent and answers its handle, `POST /files/pictures/own`
 * makes one the own picture, `GET /files/attachments/ID` and `GET /files/pictures/ACCOUNT` give one. What is given can neither run nor be taken for something else.
 */
export async function answerFiles(
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
  engine: () => Engine,
): Promise<void> {
  try {
    if (request.method === 'POST' && path === FILES_PATH) return await keep(request, response, engine());
    if (request.method === 'POST' && path === OWN_PICTURE_PATH) return await setPicture(request, response, engine());
    if (request.method !== 'GET') return refuse(response, 405);
    const attachment = nameAfter(ATTACHMENTS_PATH, path);
    if (attachment !== null) {
      return give(response, await engine().readAttachment(attachment), request.headers['x-claimed-type']);
    }
    const account = nameAfter(PICTURES_PATH, path);
    const picture = account === null ? null : await engine().readPicture(account);
    return picture === null ? refuse(response, 404) : give(response, picture, undefined);
  } catch (error) {
    // Who went away in the middle of an upload hears no answer.
    if (request.destroyed && !request.complete) return;
    if (!(error instanceof EngineError)) throw error;
    refuse(response, STATUS_BY_CODE[error.code] ?? 409, error.code);
  }
}

async function keep(request: IncomingMessage, response: ServerResponse, engine: Engine): Promise<void> {
  if (!isAcceptable(request, response)) return;
  const file = await engine.keepFile(bounded(request));
  response.writeHead(201, { 'Content-Type': 'application/json; charset=utf-8', 'Cache-Control': 'no-store' });
  response.end(JSON.stringify({ file }));
}

async function setPicture(request: IncomingMessage, response: ServerResponse, engine: Engine): Promise<void> {
  if (!isAcceptable(request, response)) return;
  await engine.setPicture(await buffer(bounded(request)));
  response.writeHead(204, { 'Cache-Control': 'no-store' });
  response.end();
}

/** Answers what cannot be read as a file. */
function isAcceptable(request: IncomingMessage, response: ServerResponse): boolean {
  const isFile = request.headers['content-type'] === 'application/octet-stream';
  const isSmall = Number(request.headers['content-length'] ?? 0) <= MOST_FILE_BYTES;
  if (!isFile) refuse(response, 415);
  else if (!isSmall) refuse(response, 413, 'too-large');
  return isFile && isSmall;
}

async function* bounded(request: IncomingMessage): AsyncGenerator<Uint8Array> {
  let size = 0;
  // Who gives too much is still to hear so.
  for await (const piece of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>) {
    size += piece.length;
    if (size > MOST_FILE_BYTES) throw new EngineError('too-large', 'the file is too large');
    yield piece;
  }
}

function give(response: ServerResponse, bytes: Uint8Array, claimed: string | string[] | undefined): void {
  const shown = typeByContent(bytes, String(claimed ?? ''));
  response.writeHead(200, {
    'Content-Type': shown ?? 'application/octet-stream',
    'Content-Disposition': shown === null ? 'attachment' : 'inline',
    'Content-Length': bytes.length,
    'Content-Security-Policy': "sandbox; default-src 'none'",
    'Cache-Control': 'no-store',
  });
  response.end(bytes);
}

function nameAfter(folder: string, path: string): string | null {
  const name = path.startsWith(folder) ? path.slice(folder.length) : '';
  return NAME.test(name) ? name : null;
}

function refuse(response: ServerResponse, status: number, reason?: string): void {
  response.writeHead(status, {
    'Cache-Control': 'no-store',
    Connection: 'close',
    ...(reason ? { 'X-Reason': reason } : {}),
  });
  response.end();
}
