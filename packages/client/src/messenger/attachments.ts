import type { FileWork } from '../conversation/file-work.ts';
import { type Draft, EngineError, type OutgoingAttachment } from '../engine.ts';
import type { LocalFiles } from '../files/local-files.ts';
import type { NewAttachment } from '../store/attachment-table.ts';
import type { Desk } from './desk.ts';

/** (messages §6) */
const MOST_BYTES = 10_000_000;
const MOST_FILES = 32;

/** Files of messages: keeping those to send, loading those that came, reading both. */
export class Attachments {
  readonly #desk: Desk;
  readonly #files: LocalFiles;
  readonly #work: FileWork;

  constructor(desk: Desk, files: LocalFiles, work: FileWork) {
    this.#desk = desk;
    this.#files = files;
    this.#work = work;
  }

  async keep(bytes: Uint8Array | AsyncIterable<Uint8Array>): Promise<string> {
    return await this.#files.add(bytes instanceof Uint8Array ? checked(bytes) : limited(bytes));
  }

  /** The files of a draft, for one transaction. @throws EngineError `too-large`, `not-found` */
  ofDraft({ attachments = [], preview }: Draft): readonly NewAttachment[] {
    if (attachments.length > MOST_FILES)
      throw new EngineError('too-large', `a message has at most ${MOST_FILES} files`);
    const image = preview?.image ?? null;
    return [...attachments.map((file) => this.#record(file, false)), ...(image ? [this.#record(image, true)] : [])];
  }

  async read(attachmentId: string): Promise<Uint8Array> {
    const { blob } = this.#desk.attachment(attachmentId);
    if (blob === null) throw new EngineError('not-found', 'the file is not on this device');
    return await this.#files.read(blob);
  }

  download(attachmentId: string): void {
    const { id, blob, pointer } = this.#desk.attachment(attachmentId);
    if (blob !== null || pointer === null) return;
    this.#desk.change((touched) => {
      this.#desk.store.attachments.setWanted(id, true);
      touched.work();
    });
  }

  cancel(attachmentId: string): void {
    this.#work.cancel(this.#desk.attachment(attachmentId).id);
  }

  #record(file: OutgoingAttachment, isPreview: boolean): NewAttachment {
    const size = this.#files.size(file.file);
    if (size === null) throw new EngineError('not-found', 'there is no such file');
    return {
      isPreview,
      contentType: file.contentType,
      fileName: file.fileName ?? null,
      size,
      width: file.width ?? null,
      height: file.height ?? null,
      isVoice: file.isVoiceMessage ?? false,
      caption: file.caption ?? null,
      pointer: null,
      blob: file.file,
      isWanted: false,
    };
  }
}

function checked(bytes: Uint8Array): Uint8Array {
  if (bytes.length > MOST_BYTES) throw new EngineError('too-large', `a file has at most ${MOST_BYTES} bytes`);
  return bytes;
}

async function* limited(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const piece of pieces) {
    size += piece.length;
    if (size > MOST_BYTES) throw new EngineError('too-large', `a file has at most ${MOST_BYTES} bytes`);
    yield piece;
  }
}
