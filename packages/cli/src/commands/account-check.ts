import { checkProfile, profileState } from '@sotto/client';
import type { CommandModule } from 'yargs';
import { printJson, say } from '../output.ts';
import { readSecret } from '../secret-input.ts';
import { findProfile, givenPassphrase, type SessionArguments, withSessionOptions } from '../session.ts';

interface CheckArguments extends SessionArguments {
  readonly json: boolean;
}

/** `sotto account check` */
export const checkCommand: CommandModule<object, CheckArguments> = {
  command: 'check',
  describe: 'Read all of the database of a profile, and repair it if it is damaged',
  builder: (parser) =>
    withSessionOptions(parser).option('json', { type: 'boolean', default: false, describe: 'Print one line of JSON' }),
  async handler(options) {
    const { folder } = findProfile(options);
    const isLocked = (await profileState(folder)) === 'locked';
    const passphrase = givenPassphrase(options) ?? (isLocked ? await readSecret('Passphrase: ') : undefined);
    const { repair, snapshotAt } = await checkProfile({ folder, passphrase });
    if (options.json) return printJson({ whole: true, repair, snapshotAt });
    if (repair !== null) {
      say(
        repair.copyFrom === null
          ? `It was damaged and was repaired on ${dated(repair.at)}. Nothing is missing.`
          : `It was damaged and was repaired on ${dated(repair.at)} from a copy of ${dated(repair.copyFrom)}.`,
      );
    }
    say(snapshotAt === null ? 'There is no snapshot yet.' : `The last snapshot is of ${dated(snapshotAt)}.`);
    process.stdout.write('The database is whole.\n');
  },
};

function dated(time: number): string {
  return new Date(time).toISOString().replace('T', ' ').slice(0, 16);
}
