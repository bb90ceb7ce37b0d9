import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { EngineError } from '@sotto/client';

/** A new folder for an export, among the person's downloads if they have such a folder. `now` is Unix ms. */
export function suggestExportFolder(conversation: string, now: number, home = homedir()): string {
  const downloads = join(home, 'Downloads');
  const place = existsSync(downloads) ? downloads : home;
  const day = new Date(now).toISOString().slice(0, 10);
  const name = ['Sotto', fileNameOf(conversation), day].filter((part) => part !== '').join(' ');
  const candidates = Array.from({ length: 100 }, (_, at) => join(place, at === 0 ? name : `${name} ${at + 1}`));
  return candidates.find((path) => !existsSync(path)) ?? join(place, `${name} ${now}`);
}

/** The folder that a person typed. @throws EngineError `bad-setting` if it is not a whole path */
export function exportFolder(text: string): string {
  if (!isAbsolute(text) || text.includes('\0')) throw new EngineError('bad-setting', 'the folder must be a whole path');
  return text;
}

/** What of a name can stand in the name of a folder, on every system. */
function fileNameOf(name: string): string {
  return name
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .trim()
    .slice(0, 60)
    .trim();
}
