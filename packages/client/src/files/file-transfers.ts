import { readFile, stat } from 'node:fs/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { WireError } from '@sotto/wire';
import {
  type FileAddress,
  formatFileUrl,
  isFileId,
  MAX_LEGACY_BYTES,
  PUBLIC_FILE_SERVER,
  parseFileUrl,
  pointerId,
  runStepsResting,
  type Steps,
} from '@sotto/wire/attachment';
import type { ServerAccess, ServerPlace } from '../network/server-access.ts';
import type { Surroundings } from '../surroundings.ts';
import { FileServerCalls } from './file-server-calls.ts';
import type { FileServers } from './file-servers.ts';
import { downloadProgress, type ProgressListener, uploadProgress } from './progress.ts';
import { FIRST_PAUSE_MS, pauseAfter } from './retry-schedule.ts';
import { ATTACHMENT, PROFILE_PICTURE, type Sealing } from './sealing.ts';
import { Slots } from './slots.ts';
import { TransferError } from './transfer-error.ts';

/** Downloads at a time (messages §5.16). */
const DOWNLOADS = 3;
/** Uploads at a time: each has its file in memory several times over, once a layer. */
const UPLOADS = 2;

/** What a message tells of an uploaded file (messages §5.16). */
export interface UploadedFile {
  readonly url: string;
  readonly key: Uint8Array;
  /** SHA-256 of the file as it lies on the server. */
  readonly digest: Uint8Array;
  /** Bytes of the plaintext. */
  readonly size: number;
  /** The pointer's `id`: the file's number, or 0. */
  readonly id: bigint;
  /** Unix ms; `null` if the server did not say. */
  readonly expiresAt: number | null;
}

/** A profile picture on a server. */
export interface PicturePointer {
  readonly url: string;
  readonly key: Uint8Array;
}

/** Where an attachment is and how to open it. */
export interface DownloadPointer extends PicturePointer {
  /** `null` only in the stream format. */
  readonly digest: Uint8Array | null;
  /** Bytes of the plaintext, as the sender says. */
  readonly size: number;
}

/** How a transfer may end early, and who hears of it. */
export interface TransferOptions {
  readonly signal: AbortSignal;
  readonly onProgress?: ProgressListener | undefined;
}

/** The same for downloads, which are tried again. */
export interface DownloadOptions extends TransferOptions {
  /** Failures of earlier runs of this program; absent: 0. */
  readonly failures?: number | undefined;
  /** It failed so often and is tried again at this local time (Unix ms); to be remembered over restarts. */
  readonly onFailure?: ((failures: number, nextAttemptAt: number) => void) | undefined;
}

/** What transfers work with. */
export interface TransferParts extends Surroundings {
  readonly access: ServerAccess;
  readonly servers: FileServers;
}

/** Brings files to the network's file servers and back, sealed on this machine, through private routes. */
export class FileTransfers {
  readonly #parts: TransferParts;
  readonly #calls: FileServerCalls;
  readonly #downloads = new Slots(DOWNLOADS);
  readonly #uploads = new Slots(UPLOADS);

  constructor(parts: TransferParts) {
    this.#parts = parts;
    this.#calls = new FileServerCalls(parts.access);
  }

  /**
   * Seals a file and puts it on one of the network's file servers; on another one if the first is gone. `source` is the
   * plaintext or the path of a file, at most 10,000,000 bytes. Nothing is tried again later: the caller decides.
   * @throws TransferError
   */
  async upload(source: Uint8Array | { readonly path: string }, options: TransferOptions): Promise<UploadedFile> {
    return await this.#inTurn(this.#uploads, options.signal, async () => {
      const plaintext = await readSource(source);
      const { digest, ...kept } = await this.#upload(plaintext, ATTACHMENT, options);
      return { ...kept, digest: digest!, size: plaintext.length };
    });
  }

  /** The same for a profile picture. @throws TransferError */
  async uploadPicture(picture: Uint8Array, options: TransferOptions): Promise<PicturePointer> {
    return await this.#inTurn(this.#uploads, options.signal, async () => {
      const { url, key } = await this.#upload(picture, PROFILE_PICTURE, options);
      return { url, key };
    });
  }

  /**
   * Brings an attachment: at most three at a time, tried again after 30 s and 30 min (messages §5.16), and every 30 s
   * while there is no connection; checked and cut to its size. @throws TransferError `gone`, `damaged`, `bad-pointer`, `given-up` (all for good), `stopped`
   */
  async download(pointer: DownloadPointer, options: DownloadOptions): Promise<Uint8Array> {
    return await this.#retrying(options, () => this.#download(pointer, ATTACHMENT, options));
  }

  /** The same for a profile picture. @throws TransferError */
  async downloadPicture(pointer: PicturePointer, options: DownloadOptions): Promise<Uint8Array> {
    const facts = { ...pointer, digest: null, size: null };
    return await this.#retrying(options, () => this.#download(facts, PROFILE_PICTURE, options));
  }

  /** Lets a file live longer; gives until when (Unix ms). @throws TransferError; `gone` also if it cannot be extended */
  async extend(url: string, signal: AbortSignal): Promise<number | null> {
    const { server, fileId } = this.#find(url);
    return await this.#calls.extend(server, fileId, { signal });
  }

  async #upload(plaintext: Uint8Array, sealing: Sealing, { signal, onProgress = () => {} }: TransferOptions) {
    if (plaintext.length > MAX_LEGACY_BYTES) throw new TransferError('too-large');
    const servers = this.#parts.servers.inOrder();
    if (servers.length === 0) throw new TransferError('no-server');
    onProgress({ stage: 'sealing', done: 0, total: plaintext.length });
    const { file, key, digest } = await this.#resting(sealing.seal(plaintext, this.#parts.random), signal);
    const options = { signal, onProgress: uploadProgress(onProgress) };
    const failures: TransferError[] = [];
    for (const server of servers) {
      try {
        const { fileId, expiresAt } = await this.#calls.upload(server, file, options);
        this.#parts.servers.succeeded(server);
        const url = formatFileUrl({ server: server.url, serverKey: server.key, fileId, isStream: false });
        return { url, key, digest, id: pointerId(fileId), expiresAt };
      } catch (error) {
        if (!(error instanceof TransferError)) throw error;
        if (error.reason === 'stopped' || error.isOurs) throw error;
        if (error.reason !== 'too-large') this.#parts.servers.failed(server);
        failures.push(error);
      }
    }
    throw failures.find(({ isPermanent }) => !isPermanent) ?? failures[0]!;
  }

  async #download(
    pointer: Omit<DownloadPointer, 'size'> & { readonly size: number | null },
    sealing: Sealing,
    { signal, onProgress = () => {} }: TransferOptions,
  ): Promise<Uint8Array> {
    const { server, fileId, isStream } = this.#find(pointer.url);
    onProgress({ stage: 'requesting', done: 0, total: null });
    const options = { signal, onProgress: downloadProgress(onProgress) };
    const file = await this.#calls.download(server, fileId, pointer.size ?? 0, options);
    onProgress({ stage: 'opening', done: file.length, total: file.length });
    try {
      return await this.#resting(sealing.open(file, { ...pointer, isStream }), signal);
    } catch (error) {
      throw error instanceof WireError ? new TransferError('damaged') : error;
    }
  }

  /** A server of the network is known by its place, so that a URL from elsewhere may lack its key. */
  #find(url: string): { readonly server: ServerPlace; readonly fileId: string; readonly isStream: boolean } {
    const { server: origin, serverKey, fileId, isStream } = readUrl(url);
    const isKeyless = serverKey === PUBLIC_FILE_SERVER.key;
    const known = isKeyless ? this.#parts.servers.at(origin) : null;
    return { server: known ?? { url: origin, key: serverKey }, fileId, isStream };
  }

  async #retrying(options: DownloadOptions, attempt: () => Promise<Uint8Array>): Promise<Uint8Array> {
    const { signal, onFailure = () => {} } = options;
    let failures = options.failures ?? 0;
    for (;;) {
      try {
        return await this.#inTurn(this.#downloads, signal, attempt);
      } catch (error) {
        if (!(error instanceof TransferError) || error.isPermanent || error.reason === 'stopped') throw error;
        if (!error.isOurs) failures++;
        const pause = error.isOurs ? FIRST_PAUSE_MS : pauseAfter(failures);
        if (pause === null) throw new TransferError('given-up');
        onFailure(failures, this.#parts.clock.now() + pause);
        await this.#parts.clock.sleep(pause, signal);
      }
    }
  }

  async #inTurn<Result>(slots: Slots, signal: AbortSignal, work: () => Promise<Result>): Promise<Result> {
    try {
      return await slots.hold(signal, work);
    } catch (error) {
      throw signal.aborted ? new TransferError('stopped') : error;
    }
  }

  /** Does long work in steps between which everything else runs. */
  async #resting<Result>(steps: Steps<Result>, signal: AbortSignal): Promise<Result> {
    return await runStepsResting(steps, async () => {
      await nextTurn();
      signal.throwIfAborted();
    });
  }
}

function readUrl(url: string): FileAddress {
  try {
    const address = parseFileUrl(url);
    if (!isFileId(address.fileId)) throw new TransferError('bad-pointer');
    return address;
  } catch (error) {
    throw error instanceof WireError ? new TransferError('bad-pointer') : error;
  }
}

async function readSource(source: Uint8Array | { readonly path: string }): Promise<Uint8Array> {
  if (source instanceof Uint8Array) return source;
  const stats = await stat(source.path).catch(refuse);
  // Before it is read: it could be anything.
  if (!stats.isFile()) throw new TransferError('unreadable');
  if (stats.size > MAX_LEGACY_BYTES) throw new TransferError('too-large');
  return await readFile(source.path).catch(refuse);
}

/** The system's own error would name the path. */
function refuse(): never {
  throw new TransferError('unreadable');
}
