import { encodeSuccession, type NetworkAuthority, type Succession, signSuccession } from '@sotto/directory';
import { bytesToHex, equalBytes } from '@sotto/wire/bytes';
import type { CommandModule } from 'yargs';
import { CommandFailure } from '../failure.ts';
import {
  type AuthorityArguments,
  type AuthorityPlace,
  asAuthority,
  parseAuthority,
  withAuthorityOptions,
} from '../network/authority-place.ts';
import { wholeNumber } from '../numbers.ts';
import { printJson, say } from '../output.ts';

interface AddArguments extends AuthorityArguments {
  readonly authority: string;
  readonly threshold: number | undefined;
  readonly json: boolean;
}

interface RemoveArguments extends AuthorityArguments {
  readonly key: string;
  readonly threshold: number | undefined;
  readonly json: boolean;
}

/** `sotto network authority add`: agree to a further authority, or to another address of one. */
export const authorityAddCommand: CommandModule<object, AddArguments> = {
  command: 'add <authority>',
  describe: 'Agree to a further authority; it decides once as many authorities agreed as must sign',
  builder: (parser) =>
    withChangeOptions(
      parser.positional('authority', {
        type: 'string',
        demandOption: true,
        describe: 'What its "sotto network key" printed',
      }),
    ) as never,
  async handler(options) {
    const added = parseAuthority(options.authority);
    await agree(options, (authorities) => [...authorities.filter(({ key }) => key !== added.key), added]);
  },
};

/** `sotto network authority remove`: agree to do without an authority. */
export const authorityRemoveCommand: CommandModule<object, RemoveArguments> = {
  command: 'remove <key>',
  describe: 'Agree to do without an authority; it is out once as many authorities agreed as must sign',
  builder: (parser) =>
    withChangeOptions(
      parser.positional('key', { type: 'string', demandOption: true, describe: 'Its key, or how that begins' }),
    ) as never,
  async handler(options) {
    await agree(options, (authorities) => without(authorities, options.key));
  },
};

/** `sotto network authority replace`: agree to a new authority in the place of a lost one. */
export const authorityReplaceCommand: CommandModule<object, AddArguments & RemoveArguments> = {
  command: 'replace <key> <authority>',
  describe: 'Agree to a new authority in the place of another, such as one whose machine is lost',
  builder: (parser) =>
    withChangeOptions(
      parser
        .positional('key', { type: 'string', demandOption: true, describe: 'Key of the old one, or how that begins' })
        .positional('authority', {
          type: 'string',
          demandOption: true,
          describe: 'What "sotto network key" printed on the new machine',
        }),
    ) as never,
  async handler(options) {
    const added = parseAuthority(options.authority);
    await agree(options, (authorities) => {
      const kept = without(authorities, options.key);
      if (kept.some(({ key }) => key === added.key)) throw new CommandFailure('That authority decides already.');
      return [...kept, added];
    });
  },
};

/** The authorities but the one whose key begins so. @throws CommandFailure */
function without(authorities: readonly NetworkAuthority[], text: string): NetworkAuthority[] {
  const beginning = text.split('@')[0]!.toLowerCase();
  const found = authorities.filter(({ key }) => beginning.length >= 6 && key.startsWith(beginning));
  if (found.length !== 1) throw new CommandFailure(`No authority, or more than one, has a key like ${text}.`);
  return authorities.filter((authority) => authority !== found[0]);
}

function withChangeOptions(parser: Parameters<typeof withAuthorityOptions>[0]) {
  return withAuthorityOptions(parser)
    .option('threshold', {
      type: 'number',
      requiresArg: true,
      describe: 'How many must sign from then on; default: as many as now',
    })
    .option('json', { type: 'boolean', default: false, describe: 'Print one line of JSON' });
}

/**
 * Leaves this authority's consent in its folder, where the running authority takes it up at its next round. Several changes
 * that have not taken effect yet are one change together; those that undo each other are none.
 */
async function agree(
  options: AuthorityArguments & { readonly threshold: number | undefined; readonly json: boolean },
  change: (authorities: readonly NetworkAuthority[]) => NetworkAuthority[],
): Promise<void> {
  await asAuthority(options, async ({ folder, keys, networkId, deciding, successions, proposal }: AuthorityPlace) => {
    const own = bytesToHex(keys.publicKey);
    if (!deciding.authorities.some(({ key }) => key === own)) {
      throw new CommandFailure('This authority does not decide in the network, so it cannot change who does.');
    }
    const before = proposal ?? deciding;
    const authorities = change(before.authorities);
    const asked = options.threshold ?? before.threshold;
    if (authorities.length < asked && options.threshold === undefined) {
      const few = `${authorities.length} authorities cannot give the ${asked} signatures that are needed now.`;
      throw new CommandFailure(`${few} Say how many are needed then: --threshold N`);
    }
    const threshold = wholeNumber('--threshold', asked, 1, authorities.length);
    const number = successions + 1;
    const encoded = (who: Pick<Succession, 'authorities' | 'threshold'>) =>
      encodeSuccession({ networkId, number, authorities: who.authorities, threshold: who.threshold });
    const dict = encoded({ authorities, threshold });
    const isNone = equalBytes(dict, encoded(deciding));
    if (isNone) await folder.dropProposal();
    else await folder.saveProposal({ dict, signature: signSuccession(dict, keys).signature });
    if (options.json) return printJson({ number, authorities, threshold, needed: deciding.threshold, change: !isNone });
    if (isNone) return say('So everything stays as it is: this authority agrees to no change any more.');
    say(`This authority agrees: from then on ${threshold} of ${authorities.length} authorities must sign.`);
    if (proposal) say('That is together with what it had agreed to before, which has not taken effect yet.');
    if (deciding.threshold > 1) {
      say(`It takes effect when ${deciding.threshold} of the present ${deciding.authorities.length} authorities gave`);
      say(
        `the same command${proposal ? 's' : ''}, each on its own machine. See how far it is: sotto network show FILE`,
      );
    } else say('It takes effect within some minutes, while the authority runs.');
  });
}
