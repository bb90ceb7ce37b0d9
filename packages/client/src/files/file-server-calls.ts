import { isFileId, MAX_FILE_BYTES } from '@sotto/wire/attachment';
import type { V4Reply } from '@sotto/wire/onion';
import type { ServerAccess, ServerPlace } from '../network/server-access.ts';
import type { HttpLimits, HttpProgress } from '../network/transport.ts';
import { asTransferError, TransferError } from './transfer-error.ts';

/** What a file takes at most before its size matters, ms (messages §9.1). */
const FILE_TIMEOUT_MS = 30_000;
const SHORT_TIMEOUT_MS = 10_000;
/** On top of that a slow line has its time, at this many bytes a second. */
const SLOW_BYTES_PER_MS = 200;

/** How a call may end early, and who hears of its progress. */
export interface CallOptions {
  readonly signal: AbortSignal;
  readonly onProgress?: HttpProgress | undefined;
}

/** What a server says of a file that it took. */
export interface KeptFile {
  readonly fileId: string;
  /** Unix ms; `null` if the server did not say. */
  readonly expiresAt: number | null;
}

const UPLOAD_HEADERS = { 'Content-Type': 'application/octet-stream', 'Content-Disposition': 'attachment' };

/** The requests of a client to file servers (messages §9.2). */
export class FileServerCalls {
  readonly #access: ServerAccess;

  constructor(access: ServerAccess) {
    this.#access = access;
  }

  /** @throws TransferError `too-large`, `refused`, or why the server cannot be reached */
  async upload(server: ServerPlace, file: Uint8Array, options: CallOptions): Promise<KeptFile> {
    const request = { method: 'POST', endpoint: '/file', headers: UPLOAD_HEADERS, body: file };
    const reply = await this.#ask(server, request, fileLimits(file.length, options));
    if (reply.status === 413) throw new TransferError('too-large');
    const { id, expires } = contentOf(reply);
    const fileId = typeof id === 'number' ? String(id) : id;
    if (typeof fileId !== 'string' || !isFileId(fileId)) throw new TransferError('refused');
    return { fileId, expiresAt: msOf(expires) };
  }

  /** `sizeHint` is about how many bytes are expected. @throws TransferError `gone`, `refused`, or why it cannot be reached */
  async download(server: ServerPlace, fileId: string, sizeHint: number, options: CallOptions): Promise<Uint8Array> {
    const request = { method: 'GET', endpoint: `/file/${fileId}`, headers: {}, body: null };
    const reply = await this.#ask(server, request, fileLimits(Math.min(sizeHint, MAX_FILE_BYTES), options));
    if (reply.status === 404) throw new TransferError('gone');
    if (reply.status !== 200) throw new TransferError('refused');
    return reply.body;
  }

  /** Lets a file live longer; gives until when, or `null`. @throws TransferError `gone` and the others */
  async extend(server: ServerPlace, fileId: string, { signal }: CallOptions): Promise<number | null> {
    const request = { method: 'POST', endpoint: `/file/${fileId}/extend`, headers: {}, body: null };
    const reply = await this.#ask(server, request, { signal, timeoutMs: SHORT_TIMEOUT_MS });
    if (reply.status === 404) throw new TransferError('gone');
    return msOf(contentOf(reply).expires);
  }

  async #ask(server: ServerPlace, request: Parameters<ServerAccess['askServer']>[1], limits: HttpLimits) {
    try {
      return await this.#access.askServer(server, request, limits);
    } catch (error) {
      throw asTransferError(error);
    }
  }
}

function fileLimits(bytes: number, { signal, onProgress }: CallOptions): HttpLimits {
  return { signal, timeoutMs: FILE_TIMEOUT_MS + Math.ceil(bytes / SLOW_BYTES_PER_MS), onProgress };
}

function contentOf({ status, content }: V4Reply): Readonly<Record<string, unknown>> {
  const value = content.kind === 'json' ? content.value : null;
  if (status !== 200 || typeof value !== 'object' || value === null) throw new TransferError('refused');
  return value as Record<string, unknown>;
}

function msOf(seconds: unknown): number | null {
  return typeof seconds === 'number' && Number.isFinite(seconds) ? Math.round(seconds * 1000) : null;
}
