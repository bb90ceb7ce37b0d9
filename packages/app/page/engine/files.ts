import type { Settings } from './connection.ts';
import { pageKey } from './session.ts';

/** Bytes of a file that may be sent, and files of one message (messages §6). */
export const MOST_FILE_BYTES = 10_000_000;
export const MOST_FILES = 32;
/** How each backup begins (docs/backup.md). */
const BACKUP_START = 'SOTTOBAK';

/** Why the host did not take or give a file: a stable word as for calls. */
export class FileError extends Error {
  readonly reason: string;

  constructor(reason: string) {
    super(reason);
    this.name = 'FileError';
    this.reason = reason;
  }
}

/** Gives a file to the engine, which keeps it encrypted; returns its handle. @throws FileError */
export async function keepFile(file: Blob): Promise<string> {
  const answer = await ask('/files', {
    method: 'POST',
    headers: { 'Content-Type': 'application/octet-stream' },
    body: file,
  });
  return ((await answer.json()) as { file: string }).file;
}

/** Makes an image the own picture. @throws FileError */
export async function setOwnPicture(picture: Blob): Promise<void> {
  const headers = { 'Content-Type': 'application/octet-stream' };
  await ask('/files/pictures/own', { method: 'POST', headers, body: picture });
}

/** Everything of this profile in one file, sealed with a passphrase. @throws FileError */
export async function fetchBackup(passphrase: string): Promise<Blob> {
  const answer = await ask('/files/backup', { method: 'POST', headers: sealedWith(passphrase) });
  // A connection that is cut in the middle rejects, so that no half file looks like a whole one.
  return answer.blob().catch(() => {
    throw new FileError('internal');
  });
}

/** Makes the profile of a backup; its first connection goes through `proxy`, if one is given. @throws FileError */
export async function restoreBackup(backup: Blob, passphrase: string, proxy: Settings['proxy']): Promise<void> {
  // Years of messages are not sent to hear that they are something else.
  if ((await backup.slice(0, BACKUP_START.length).text()) !== BACKUP_START) throw new FileError('bad-backup');
  const headers = { ...sealedWith(passphrase), 'X-Proxy': encodeURIComponent(JSON.stringify(proxy)) };
  await ask('/files/restore', { method: 'POST', headers, body: backup });
}

function sealedWith(passphrase: string): Record<string, string> {
  return { 'Content-Type': 'application/octet-stream', 'X-Passphrase': encodeURIComponent(passphrase) };
}

/**
 * The bytes of an attachment or picture: `path` as `attachments/ID`. Its `type` is what the host found it to be;
 * `application/octet-stream` is for saving only. @throws FileError
 */
export async function readFile(path: string, isSound = false): Promise<Blob> {
  const answer = await ask(`/files/${path}`, { headers: { 'X-Claimed-Type': isSound ? 'audio/' : '' } });
  return answer.blob();
}

async function ask(path: string, init: RequestInit): Promise<Response> {
  const headers = { ...init.headers, 'X-Page-Key': pageKey() };
  const answer = await fetch(path, { ...init, headers, cache: 'no-store' }).catch(() => null);
  if (answer === null) throw new FileError('internal');
  if (!answer.ok) throw new FileError(answer.headers.get('X-Reason') ?? 'internal');
  return answer;
}
