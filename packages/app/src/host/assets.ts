import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HostError } from './host-error.ts';

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
  woff2: 'font/woff2',
  json: 'application/json; charset=utf-8',
};

/** One file of the built page, ready to be sent. */
interface Asset {
  readonly bytes: Buffer;
  readonly contentType: string;
  readonly cacheControl: string;
}

/** Built files by their URL path; `/` is the page itself. */
export type Assets = ReadonlyMap<string, Asset>;

/**
 * Reads the built page into memory, so that a request can only ever name a file of this list and no path of the disk.
 * Files under `assets/` carry a hash of their content in their name and never change.
 * @throws HostError `page-missing` if the folder holds no built page.
 */
export async function loadAssets(folder: string): Promise<Assets> {
  const assets = new Map<string, Asset>();
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  for (const name of names) {
    const path = `/${name.split('\\').join('/')}`;
    const contentType = CONTENT_TYPES[path.slice(path.lastIndexOf('.') + 1)];
    if (contentType === undefined || path.includes('/.')) continue;
    const bytes = await readFile(join(folder, name));
    const cacheControl = path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache';
    assets.set(path === '/index.html' ? '/' : path, { bytes, contentType, cacheControl });
  }
  if (!assets.has('/')) throw new HostError('page-missing', 'The page has not been built yet.');
  return assets;
}
