import type {
  DownloadOptions,
  DownloadPointer,
  PicturePointer,
  TransferOptions,
  UploadedFile,
} from '../files/file-transfers.ts';
import { TransferError, type TransferFailure } from '../files/transfer-error.ts';
import type { Transfers } from '../messenger/messenger.ts';
import type { Clock } from '../surroundings.ts';

const TAKES_MS = 2000;

/** Keeps files in memory, in place of file servers and the way to them. */
export class MemoryFileServer implements Transfers {
  readonly files = new Map<string, Uint8Array>();
  /** What happens to the next transfers; a test replaces it. */
  fate: () => TransferFailure | null = () => null;
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async upload(source: Uint8Array | { readonly path: string }, options: TransferOptions): Promise<UploadedFile> {
    if (!(source instanceof Uint8Array)) throw new TransferError('unreadable');
    await this.#travel(source.length, options);
    const url = `http://files.test/file/${this.files.size + 1}`;
    this.files.set(url, source.slice());
    const secret = { key: new Uint8Array(64).fill(1), digest: new Uint8Array(32).fill(2) };
    return { url, ...secret, size: source.length, id: BigInt(this.files.size), expiresAt: null };
  }

  async uploadPicture(picture: Uint8Array, options: TransferOptions): Promise<PicturePointer> {
    const { url } = await this.upload(picture, options);
    return { url, key: new Uint8Array(32).fill(3) };
  }

  async download({ url }: Pick<DownloadPointer, 'url'>, options: DownloadOptions): Promise<Uint8Array> {
    const file = this.files.get(url);
    await this.#travel(file?.length ?? 0, options);
    if (!file) throw new TransferError('gone');
    return file;
  }

  async downloadPicture(pointer: PicturePointer, options: DownloadOptions): Promise<Uint8Array> {
    return await this.download(pointer, options);
  }

  async #travel(total: number, { signal, onProgress = () => {} }: TransferOptions): Promise<void> {
    for (let part = 0; part <= 4; part++) {
      onProgress({ stage: 'sending', done: (total * part) / 4, total });
      await this.#clock.sleep(TAKES_MS / 5, signal);
      if (signal.aborted) throw new TransferError('stopped');
    }
    const failure = this.fate();
    if (failure) throw new TransferError(failure);
  }
}
