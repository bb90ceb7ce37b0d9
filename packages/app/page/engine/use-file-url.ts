import { useEffect, useState } from 'react';
import { readFile } from './files.ts';

/** What shows a file: an address that only this page can open, and what the file really is. */
export interface ShownFile {
  readonly url: string;
  readonly type: string;
  readonly blob: Blob;
}

interface Held {
  readonly file: Promise<ShownFile>;
  users: number;
}

/** Rows leave the page while one scrolls and come back; their files stay this long. */
const KEEP_MS = 20_000;
const held = new Map<string, Held>();

/**
 * Loads a file while something shows it: `path` as `attachments/ID`, with `?` and a version where its bytes may change;
 * `null` for none. `null` is answered until it is there, `failed` if it cannot be read.
 */
export function useFileUrl(path: string | null, isSound = false): ShownFile | 'failed' | null {
  const [shown, setShown] = useState<{ path: string | null; file: ShownFile | 'failed' } | null>(null);
  useEffect(() => {
    if (path === null) return;
    let wanted = true;
    const set = (file: ShownFile | 'failed') => wanted && setShown({ path, file });
    hold(path, isSound).then(set, () => set('failed'));
    return () => {
      wanted = false;
      release(path);
    };
  }, [path, isSound]);
  return shown?.path === path ? shown.file : null;
}

function hold(path: string, isSound: boolean): Promise<ShownFile> {
  const known = held.get(path) ?? { file: load(path, isSound), users: 0 };
  known.users++;
  // What failed is asked for anew by whoever shows it next.
  known.file.catch(() => held.get(path) === known && held.delete(path));
  held.set(path, known);
  return known.file;
}

async function load(path: string, isSound: boolean): Promise<ShownFile> {
  const blob = await readFile(path.split('?', 1)[0]!, isSound);
  return { url: URL.createObjectURL(blob), type: blob.type, blob };
}

function release(path: string): void {
  const known = held.get(path);
  if (known === undefined) return;
  known.users--;
  setTimeout(() => {
    if (known.users > 0 || held.get(path) !== known) return;
    held.delete(path);
    known.file.then(({ url }) => URL.revokeObjectURL(url)).catch(() => {});
  }, KEEP_MS);
}
