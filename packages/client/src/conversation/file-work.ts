import type { Attachment, EngineError, FailureReason } from '../engine.ts';
import type { FileTransfers } from '../files/file-transfers.ts';
import type { LocalFiles } from '../files/local-files.ts';
import type { TransferProgress } from '../files/progress.ts';
import { TransferError, type TransferFailure } from '../files/transfer-error.ts';
import type { AttachmentRecord } from '../store/attachment-table.ts';
import { attachmentOf } from '../store/message-view.ts';
import type { ProfileStore } from '../store/profile-store.ts';
import type { Surroundings } from '../surroundings.ts';
import { WakeUp } from '../wake-up.ts';
import type { ChangeFeed } from './change-feed.ts';

const NEVER_MS = 3_600_000;
const DATABASE_PAUSE_MS = 30_000;
/** Progress is told in steps of this share. */
const STEP = 0.02;

/** What files work with. */
export interface FileWorkParts extends Surroundings {
  readonly store: ProfileStore;
  readonly feed: ChangeFeed;
  readonly files: LocalFiles;
  readonly transfers: Pick<FileTransfers, 'upload' | 'download'>;
}

/** The files of a message could not be uploaded. `stopped`: because the engine closes. */
export class UploadFailure extends Error {
  readonly reason: FailureReason | 'stopped';

  constructor(reason: FailureReason | 'stopped') {
    super(`the files of a message could not be uploaded: ${reason}`);
    this.name = 'UploadFailure';
    this.reason = reason;
  }
}

/** A transfer that runs now. */
interface Transfer {
  readonly state: 'uploading' | 'downloading';
  readonly stop: AbortController;
  progress: number;
}

const FAILURES: Readonly<Record<TransferFailure, FailureReason | 'stopped'>> = {
  offline: 'offline',
  'no-route': 'offline',
  unreachable: 'network-unreachable',
  refused: 'network-unreachable',
  'no-server': 'no-file-server',
  unreadable: 'attachment-lost',
  'too-large': 'refused',
  gone: 'attachment-lost',
  damaged: 'attachment-lost',
  'bad-pointer': 'attachment-lost',
  'given-up': 'network-unreachable',
  stopped: 'stopped',
};

/** Moves the files of messages: up before a message leaves, down when somebody wants to see them; removes unused ones. */
export class FileWork {
  readonly #parts: FileWorkParts;
  readonly #wakeUp = new WakeUp();
  readonly #transfers = new Map<number, Transfer>();
  readonly #running = new Set<Promise<void>>();

  constructor(parts: FileWorkParts) {
    this.#parts = parts;
    parts.store.messageView.transferOf = (id) => this.#transfers.get(id) ?? null;
  }

  /** There may be something to load, or to remove. */
  poke(): void {
    this.#wakeUp.call();
  }

  /** Resolves when all files of a message are uploaded and their pointers are stored. @throws UploadFailure */
  async finishUploads(messageId: number, signal: AbortSignal): Promise<void> {
    const missing = this.#parts.store.attachments.of(messageId).filter(({ pointer }) => pointer === null);
    for (const attachment of missing) await this.#upload(attachment, signal);
  }

  /** Stops the transfer of a file; one to load is not wanted any more. */
  cancel(attachmentId: number): void {
    const transfer = this.#transfers.get(attachmentId);
    if (transfer?.state !== 'uploading') this.#parts.store.attachments.setWanted(attachmentId, false);
    transfer?.stop.abort();
  }

  /** Works until the signal aborts; resolves when nothing runs any more. */
  async run(signal: AbortSignal): Promise<void> {
    const { store, clock, log } = this.#parts;
    while (!signal.aborted) {
      let pause = NEVER_MS;
      try {
        this.#stopNeedless();
        await this.#removeUnused();
        for (const attachment of store.attachments.wanted()) this.#startDownload(attachment, signal);
      } catch (error) {
        log.warn({ code: (error as EngineError).code }, 'files cannot be worked on');
        pause = DATABASE_PAUSE_MS;
      }
      await this.#wakeUp.sleep(pause, clock, signal);
    }
    await Promise.all(this.#running);
  }

  /** Nobody needs the files of messages that are gone. */
  #stopNeedless(): void {
    for (const [id, { stop }] of this.#transfers) if (!this.#parts.store.attachments.get(id)) stop.abort();
  }

  async #removeUnused(): Promise<void> {
    const { store, files } = this.#parts;
    for (const blob of store.attachments.unused()) {
      await files.remove(blob);
      store.attachments.forgetUnused(blob);
    }
  }

  async #upload(attachment: AttachmentRecord, signal: AbortSignal): Promise<void> {
    const { store, files, transfers } = this.#parts;
    const { id, blob } = attachment;
    const stop = new AbortController();
    try {
      await this.#during(id, 'uploading', stop, async (onProgress) => {
        if (blob === null || files.size(blob) === null) throw new UploadFailure('attachment-lost');
        const bytes = await files.read(blob);
        const both = AbortSignal.any([signal, stop.signal]);
        const { url, key, digest } = await transfers.upload(bytes, { signal: both, onProgress });
        store.attachments.setPointer(id, { url, key, digest });
      });
    } catch (error) {
      if (stop.signal.aborted && !signal.aborted) throw new UploadFailure('cancelled');
      throw error instanceof TransferError ? new UploadFailure(FAILURES[error.reason]) : error;
    }
  }

  #startDownload({ id, pointer, failures, size }: AttachmentRecord, signal: AbortSignal): void {
    if (pointer === null || this.#transfers.has(id)) return;
    const { store, files, transfers, feed, log } = this.#parts;
    const stop = new AbortController();
    const onFailure = (count: number) => store.attachments.setFailures(id, count);
    const load = async (onProgress: (progress: TransferProgress) => void) => {
      const both = AbortSignal.any([signal, stop.signal]);
      const options = { signal: both, onProgress, failures, onFailure };
      const bytes = await transfers.download({ ...pointer, size }, options);
      const blob = await files.add(bytes);
      // Its message may be gone by now.
      if (store.attachments.get(id)) store.attachments.setBlob(id, blob);
      else await files.remove(blob);
    };
    const running = this.#during(id, 'downloading', stop, load)
      .catch((error: unknown) => {
        const isStopped = error instanceof TransferError && error.reason === 'stopped';
        if (isStopped) return;
        if (error instanceof TransferError) store.attachments.setLost(id);
        else {
          store.attachments.setWanted(id, false);
          log.warn({ code: (error as EngineError).code }, 'a file could not be kept');
        }
      })
      .catch((error: unknown) => log.warn({ code: (error as EngineError).code }, 'a file could not be kept'))
      .then(() => this.#tell(id))
      .catch(() => undefined)
      .finally(() => {
        this.#running.delete(running);
        // It may be wanted again already.
        this.#wakeUp.call();
      });
    this.#running.add(running);
    feed.emit(...this.#changeOf(id));
  }

  /** Runs a transfer, and tells how far it is. */
  async #during(
    id: number,
    state: Transfer['state'],
    stop: AbortController,
    work: (onProgress: (progress: TransferProgress) => void) => Promise<void>,
  ): Promise<void> {
    const transfer: Transfer = { state, stop, progress: 0 };
    this.#transfers.set(id, transfer);
    try {
      if (state === 'uploading') this.#tell(id);
      await work(({ done, total }) => {
        const progress = total ? Math.min(done / total, 1) : 0;
        if (progress - transfer.progress < STEP && progress !== 1) return;
        transfer.progress = progress;
        this.#tell(id);
      });
    } finally {
      this.#transfers.delete(id);
      if (state === 'uploading') this.#tell(id);
    }
  }

  #tell(id: number): void {
    this.#parts.feed.emit(...this.#changeOf(id));
  }

  #changeOf(id: number) {
    const { store } = this.#parts;
    const record = store.attachments.get(id);
    const message = record && store.messages.get(record.messageId);
    if (!message) return [];
    const attachment: Attachment = attachmentOf(record, this.#transfers.get(id) ?? null);
    return [{ kind: 'attachment', conversationId: message.conversationId, attachment } as const];
  }
}
