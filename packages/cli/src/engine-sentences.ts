import type { EngineErrorCode } from '@sotto/client';

/** What each error of the engine means to a person at a terminal, and what to do. */
export const ENGINE_SENTENCES: Record<EngineErrorCode, string> = {
  'bad-account-id': 'That is not an account id. It has 66 characters: 05 and then digits and the letters a to f.',
  'bad-name': 'A name has 1 to 100 letters; emoji and some scripts take more room.',
  'bad-phrase': 'That is not a recovery phrase: 13 words, in their order, are needed. Look for a slip of the pen.',
  'bad-network': 'The network file cannot be used, or this profile belongs to another network.',
  'bad-picture': 'That is not a picture that can be used.',
  'bad-link': 'That is not a contact link.',
  'bad-backup': 'That is not a backup of Sotto, or it is damaged or not complete. Nothing was restored.',
  'bad-setting': 'That is not a possible setting.',
  empty: 'There is nothing to send.',
  'too-long': 'The message is too long: 2000 characters at most.',
  'too-large': 'A file has 10,000,000 bytes at most, and a message 32 files.',
  'too-many': 'That was too often within a minute. Try again later.',
  'not-allowed': 'That cannot be done here.',
  'network-unreachable': 'The network cannot be reached. Check the connection and try again.',
  'no-names': 'This network has no names. Use an account id or a contact link.',
  'not-found': 'It is no longer there.',
  locked: 'This profile is protected by a passphrase. Name a file that holds it with --passphrase-file.',
  'wrong-passphrase': 'That is not the passphrase.',
  'profile-missing': 'There is no such profile yet. Create one with: sotto account create --name NAME',
  'profile-exists': 'This profile has an account already. Choose another with --profile NAME.',
  'profile-in-use':
    'Another Sotto (a page, send or listen) uses this profile. End it first, or choose another with --profile NAME.',
  'profile-damaged':
    'The data of this profile is damaged. Restore the account into a new profile with: sotto account restore (or restore-backup)',
  'disk-full': 'The disk is full. Free some space and try again.',
  closed: 'Sotto is closing.',
};
