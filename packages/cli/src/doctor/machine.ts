import { readdir, stat, statfs } from 'node:fs/promises';
import { freemem } from 'node:os';
import { join } from 'node:path';
import { profileState } from '@sotto/client';
import type { DataFolder } from '../data-folder.ts';

/** One thing that was looked at: how it is, and what to do if it is not well. */
export interface Finding {
  readonly state: 'good' | 'warning' | 'bad';
  readonly what: string;
  readonly advice?: string;
}

const GIB = 1024 ** 3;
const LITTLE_DISK = 1 * GIB;
const NO_DISK = 0.1 * GIB;
const LITTLE_MEMORY = 1 * GIB;
/** Node.js itself came long after this; a clock before it is certainly wrong. */
const NEVER_BEFORE = Date.UTC(2026, 0, 1);

/** Looks at Node.js, disk, memory, clock, the data folder and its profiles. */
export async function machineFindings(data: DataFolder): Promise<Finding[]> {
  return [
    { state: 'good', what: `Node.js ${process.versions.node}` },
    await disk(data),
    memory(),
    clock(),
    await privacyOf(data),
    ...(await profiles(data)),
  ];
}

async function disk(data: DataFolder): Promise<Finding> {
  const { bavail, bsize } = await statfs(data.path);
  const free = bavail * bsize;
  const what = `${(free / GIB).toFixed(1)} GiB free where Sotto keeps its data (${data.path})`;
  if (free < NO_DISK) return { state: 'bad', what, advice: 'Free some space: messages cannot be kept.' };
  return free < LITTLE_DISK ? { state: 'warning', what, advice: 'Free some space soon.' } : { state: 'good', what };
}

function memory(): Finding {
  const what = `${(freemem() / GIB).toFixed(1)} GiB of memory free`;
  if (freemem() >= LITTLE_MEMORY) return { state: 'good', what };
  return { state: 'warning', what, advice: 'A network on this machine needs about 1 GiB; try sotto up --nodes 6.' };
}

function clock(): Finding {
  const now = new Date();
  const what = `Clock says ${now.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  if (now.getTime() >= NEVER_BEFORE) return { state: 'good', what };
  return { state: 'bad', what, advice: 'Set the clock of this machine.' };
}

async function privacyOf(data: DataFolder): Promise<Finding> {
  const { mode } = await stat(data.path);
  if (process.platform === 'win32' || (mode & 0o077) === 0)
    return { state: 'good', what: 'Only you can read the data folder' };
  return {
    state: 'warning',
    what: 'Other users of this machine can look into the data folder',
    advice: `Run: chmod 700 ${data.path}`,
  };
}

async function profiles(data: DataFolder): Promise<Finding[]> {
  const folder = join(data.path, 'profiles');
  const names = await readdir(folder).catch(() => []);
  if (names.length === 0) return [{ state: 'good', what: 'No profile here yet' }];
  return await Promise.all(
    names.sort().map(async (name): Promise<Finding> => {
      const state = await profileState(data.profile(name));
      if (state === 'ready') return { state: 'good', what: `Profile ${name}: not protected by a passphrase` };
      if (state === 'locked') return { state: 'good', what: `Profile ${name}: protected by a passphrase` };
      return { state: 'good', what: `Profile ${name}: no account yet` };
    }),
  );
}
