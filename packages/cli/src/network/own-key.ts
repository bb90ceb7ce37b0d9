import { mkdirSync } from 'node:fs';
import { createAuthorityKey, loadAuthorityKey } from '@sotto/directory';
import { bytesToHex, wipe } from '@sotto/wire/bytes';
import { CommandFailure } from '../failure.ts';
import { isExisting } from './authority-place.ts';

/** The public key (hex) of the authority in a folder, which is made if there is none yet. @throws CommandFailure */
export async function ownAuthorityKey(folder: string): Promise<string> {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new CommandFailure(`Cannot make the folder ${folder} (${(error as NodeJS.ErrnoException).code}).`);
  }
  const keys = await createAuthorityKey(folder).catch((error: unknown) => {
    if (isExisting(error)) return loadAuthorityKey(folder);
    throw error;
  });
  wipe(keys.secretKey);
  return bytesToHex(keys.publicKey);
}
