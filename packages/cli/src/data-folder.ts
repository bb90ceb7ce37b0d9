import { accessSync, constants, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import envPaths from 'env-paths';
import { CommandFailure } from './failure.ts';

/** Where everything of this machine lies: the platform's data folder, or the one that `--data` names. */
export interface DataFolder {
  readonly path: string;
  /** The private network that `sotto up` runs. */
  readonly network: string;
  /** The folder of one person's profile. */
  profile(name: string): string;
  /** The log of the process that serves a profile's page. */
  log(profile: string): string;
}

/** Name of the first profile; the second person of `sotto up --people 2` is `person-2`. */
export const DEFAULT_PROFILE = 'person-1';

/**
 * Opens the data folder, creating it for the owner only.
 * @throws CommandFailure if it cannot be created or written.
 */
export function openDataFolder(option: string | undefined): DataFolder {
  const path = option === undefined ? envPaths('sotto', { suffix: '' }).data : resolve(option);
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch {
    throw new CommandFailure(
      `Cannot write to the folder ${path}. Make it writable for you, or name another with --data.`,
    );
  }
  return {
    path,
    network: join(path, 'network'),
    profile: (name) => join(path, 'profiles', name),
    log: (profile) => join(path, 'logs', `${profile}.log`),
  };
}
