import { EngineError } from '../engine.ts';
import type { FileTransfers, PicturePointer } from '../files/file-transfers.ts';
import type { LocalFiles } from '../files/local-files.ts';
import { TransferError } from '../files/transfer-error.ts';
import type { ProfileStore } from '../store/profile-store.ts';
import { jittered, type Surroundings } from '../surroundings.ts';
import { WakeUp } from '../wake-up.ts';
import type { ChangeFeed } from './change-feed.ts';

/** More than 600×600 pixels of any of the formats need. */
const MOST_BYTES = 2_000_000;
/** File servers forget; so it is uploaded anew before they do (messages §8.3). */
const RENEW_AFTER_MS = 6 * 86_400_000;
const PAUSE_MS = 60_000;
const IDLE_MS = 3_600_000;
const PAUSE_JITTER = 0.2;

/** What pictures work with. */
export interface PictureParts extends Surroundings {
  readonly store: ProfileStore;
  readonly feed: ChangeFeed;
  readonly files: LocalFiles;
  readonly transfers: Pick<FileTransfers, 'uploadPicture' | 'downloadPicture'>;
  /** Network time, ms. */
  readonly networkTime: () => number;
}

/** Our own picture, and those of people we accepted (messages §5.6, §8.3). */
export class Pictures {
  readonly #parts: PictureParts;
  readonly #wakeUp = new WakeUp();
  /** Addresses where nothing is; asked again when the program starts anew. */
  readonly #lost = new Set<string>();
  /** What is being loaded, by its address: one that takes long keeps no other waiting. */
  readonly #loading = new Map<string, Promise<void>>();

  constructor(parts: PictureParts) {
    this.#parts = parts;
  }

  /** There may be a picture to load or to upload. */
  poke(): void {
    this.#wakeUp.call();
  }

  /** Takes a picture as our own; `null` removes it. @throws EngineError `bad-picture`, `too-large`, `disk-full` */
  async set(picture: Uint8Array | null): Promise<void> {
    const { store, files, feed, networkTime } = this.#parts;
    if (picture && picture.length > MOST_BYTES)
      throw new EngineError('too-large', `a picture has at most ${MOST_BYTES} bytes`);
    if (picture && !isPicture(picture)) throw new EngineError('bad-picture', 'a picture is JPEG, PNG, WebP or GIF');
    const pictureBlob = picture && (await files.add(picture));
    store.account.setProfile({ pictureBlob, picture: null, pictureUploadedAt: 0, changedAt: networkTime() });
    feed.emit({ kind: 'account' });
    this.poke();
  }

  /** `null` if it is not on this device. `accountId` absent: our own. */
  async read(accountId: string | null): Promise<Uint8Array | null> {
    const { store, files } = this.#parts;
    const { pictureBlob } = (accountId === null ? store.account.profile() : store.conversations.state(accountId)) ?? {};
    if (!pictureBlob || files.size(pictureBlob) === null) return null;
    return await files.read(pictureBlob);
  }

  /** Works until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, random, log } = this.#parts;
    while (!signal.aborted) {
      let pause = IDLE_MS;
      try {
        await this.#uploadOwn(signal);
        this.#startLoading(signal);
      } catch (error) {
        if (!(error instanceof TransferError))
          log.warn({ code: (error as EngineError).code }, 'pictures cannot be moved');
        pause = PAUSE_MS;
      }
      await this.#wakeUp.sleep(jittered(pause, PAUSE_JITTER, random), clock, signal);
    }
    await Promise.all(this.#loading.values());
  }

  /** @throws TransferError if it may succeed later */
  async #uploadOwn(signal: AbortSignal): Promise<void> {
    const { store, files, transfers, networkTime } = this.#parts;
    const { pictureBlob, pictureUploadedAt } = store.account.profile();
    if (!pictureBlob || files.size(pictureBlob) === null) return;
    if (networkTime() - pictureUploadedAt < RENEW_AFTER_MS) return;
    try {
      const { url, key } = await transfers.uploadPicture(await files.read(pictureBlob), { signal });
      // Another one may have been chosen meanwhile.
      if (store.account.profile().pictureBlob !== pictureBlob) return;
      const now = networkTime();
      store.account.setProfile({ picture: { url, key }, pictureUploadedAt: now, changedAt: now });
    } catch (error) {
      // A network without file servers shows our picture to nobody but us.
      if (error instanceof TransferError && error.isPermanent) return;
      throw error;
    }
  }

  /** Begins to load our own, which another device of ours has chosen, and those of others. */
  #startLoading(signal: AbortSignal): void {
    const { store } = this.#parts;
    const { picture, pictureBlob } = store.account.profile();
    if (picture && pictureBlob === null) this.#start(picture.url, () => this.#loadOwn(picture, signal), signal);
    for (const wanted of store.conversations.wantedPictures()) {
      this.#start(`${wanted.id} ${wanted.url}`, () => this.#loadOther(wanted, signal), signal);
    }
  }

  /** What fails is tried again after a while. */
  #start(name: string, load: () => Promise<void>, signal: AbortSignal): void {
    if (this.#loading.has(name)) return;
    const { clock, random, log } = this.#parts;
    const end = () => void this.#loading.delete(name);
    const retry = async (error: unknown) => {
      if (!(error instanceof TransferError))
        log.warn({ code: (error as EngineError).code }, 'a picture could not be loaded');
      await clock.sleep(jittered(PAUSE_MS, PAUSE_JITTER, random), signal);
      end();
      this.poke();
    };
    this.#loading.set(name, load().then(end, retry));
  }

  /** @throws TransferError if it may succeed later */
  async #loadOwn(picture: PicturePointer, signal: AbortSignal): Promise<void> {
    const { store, files, feed } = this.#parts;
    const blob = await this.#load(picture, signal);
    if (blob === null) return;
    const { picture: current, pictureBlob: chosen, changedAt } = store.account.profile();
    if (current?.url === picture.url && chosen === null) {
      store.account.setProfile({ pictureBlob: blob, changedAt }, 'shared');
      feed.emit({ kind: 'account' });
    } else await files.remove(blob);
  }

  /** @throws TransferError if it may succeed later */
  async #loadOther({ id, ...pointer }: PicturePointer & { readonly id: string }, signal: AbortSignal): Promise<void> {
    const { store, files, feed } = this.#parts;
    const blob = await this.#load(pointer, signal);
    if (blob === null) return;
    const state = store.conversations.state(id);
    if (state?.pictureUrl === pointer.url && state.pictureBlob === null) {
      store.conversations.update(id, { pictureBlob: blob });
      feed.emit({ kind: 'conversation', conversationId: id });
    } else await files.remove(blob);
  }

  /** The file that a picture is in now; `null` if there is none to be had. @throws TransferError if it may succeed later */
  async #load(pointer: PicturePointer, signal: AbortSignal): Promise<string | null> {
    const { files, transfers } = this.#parts;
    if (this.#lost.has(pointer.url) || signal.aborted) return null;
    try {
      const picture = await transfers.downloadPicture(pointer, { signal });
      if (picture.length <= MOST_BYTES && isPicture(picture)) return await files.add(picture);
    } catch (error) {
      if (!(error instanceof TransferError) || !error.isPermanent) throw error;
    }
    this.#lost.add(pointer.url);
    return null;
  }
}

/** JPEG, PNG, WebP or GIF, by their first bytes. */
function isPicture(bytes: Uint8Array): boolean {
  const start = Buffer.from(bytes.subarray(0, 12)).toString('latin1');
  const isWebp = start.startsWith('RIFF') && start.slice(8) === 'WEBP';
  return isWebp || ['\xff\xd8\xff', '\x89PNG\r\n\x1a\n', 'GIF87a', 'GIF89a'].some((magic) => start.startsWith(magic));
}
