import { useSyncExternalStore } from 'react';
import { MOST_FILE_BYTES, MOST_FILES } from '../../../engine/files.ts';
import { type PictureSize, type PreparedFile, prepareFile } from './prepare-file.ts';

/** A file that waits to be sent. */
export interface TrayFile {
  readonly id: number;
  readonly original: File;
  /** `null` while it is being made ready, `failed` if it could not be read. */
  readonly prepared: PreparedFile | 'failed' | null;
  /** Shows a picture or film; empty for other files. */
  readonly url: string;
}

/** What waits in the composer of one conversation. */
export interface TrayState {
  readonly files: readonly TrayFile[];
  readonly size: PictureSize;
  /** More were given than a message may have. */
  readonly tooMany: boolean;
}

const EMPTY: TrayState = { files: [], size: 2048, tooMany: false };

/** The files of a message that is being written; they stay while one looks at other conversations. */
export class Tray {
  #state = EMPTY;
  #nextId = 1;
  readonly #listeners = new Set<() => void>();

  readonly state = (): TrayState => this.#state;

  readonly onChange = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  add(files: readonly File[]): void {
    const room = MOST_FILES - this.#state.files.length;
    const taken = files.slice(0, room).map((original) => ({ id: this.#nextId++, original, prepared: null, url: '' }));
    this.#set({ files: [...this.#state.files, ...taken], tooMany: files.length > room });
    for (const file of taken) void this.#prepare(file);
  }

  remove(id: number): void {
    for (const { url } of this.#state.files.filter((file) => file.id === id)) URL.revokeObjectURL(url);
    this.#set({ files: this.#state.files.filter((file) => file.id !== id), tooMany: false });
  }

  /** Makes all pictures ready anew in another size. */
  resize(size: PictureSize): void {
    this.#set({ size, files: this.#state.files.map((file) => ({ ...file, prepared: null })) });
    for (const file of this.#state.files) void this.#prepare(file);
  }

  /** How large a film is, as the page found out by showing it, px. */
  setFilmSize(id: number, width: number, height: number): void {
    this.#set({
      files: this.#state.files.map((file) => {
        const { prepared } = file;
        return file.id === id && prepared !== null && prepared !== 'failed'
          ? { ...file, prepared: { ...prepared, width, height } }
          : file;
      }),
    });
  }

  async #prepare({ id, original }: TrayFile): Promise<void> {
    const { size } = this.#state;
    const prepared = await prepareFile(original, size).catch(() => 'failed' as const);
    // Another size may have been chosen, or the file be gone.
    if (size !== this.#state.size || !this.#state.files.some((file) => file.id === id)) return;
    const isShown = prepared !== 'failed' && /^(image|video)\//.test(prepared.contentType);
    const url = isShown ? URL.createObjectURL(prepared.blob) : '';
    this.#set({
      files: this.#state.files.map((file) => {
        if (file.id !== id) return file;
        URL.revokeObjectURL(file.url);
        return { ...file, prepared, url };
      }),
    });
  }

  #set(next: Partial<TrayState>): void {
    this.#state = { ...this.#state, ...next };
    for (const listener of this.#listeners) listener();
  }
}

/** Whether a file is above what a message can carry. */
export function isTooLarge({ original, prepared }: TrayFile): boolean {
  const picture = original.type.startsWith('image/') && prepared === null;
  return !picture && (prepared === null || prepared === 'failed' ? original : prepared.blob).size > MOST_FILE_BYTES;
}

/** The files that are ready to be sent. */
export function preparedOf({ files }: TrayState): readonly PreparedFile[] {
  return files.flatMap(({ prepared }) => (prepared !== null && prepared !== 'failed' ? [prepared] : []));
}

const trays = new Map<string, Tray>();

/** The tray of a conversation. */
export function useTray(conversationId: string): { readonly tray: Tray; readonly state: TrayState } {
  const tray = trays.get(conversationId) ?? new Tray();
  trays.set(conversationId, tray);
  return { tray, state: useSyncExternalStore(tray.onChange, tray.state) };
}
