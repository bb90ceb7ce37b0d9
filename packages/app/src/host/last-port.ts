import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFile } from '@sotto/directory';

/**
 * The port that a profile's page had last, 0 if none is known. A browser knows the page by it: what it was allowed
 * (notifications, the microphone), the theme before the first paint, the emoji used last.
 */
export async function lastPort(folder: string): Promise<number> {
  const text = await readFile(portPath(folder), 'utf8').catch(() => '');
  return /^[1-9]\d{0,4}$/.test(text) && Number(text) <= 65_535 ? Number(text) : 0;
}

/** Keeps it for the next start. Without it the browser asks again what it was told before, and nothing else fails. */
export async function keepPort(folder: string, port: number): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await replaceFile(portPath(folder), String(port));
  } catch {
    // The disk is full, or the folder may not be written to; opening an account there tells.
  }
}

function portPath(folder: string): string {
  return join(folder, 'port');
}
