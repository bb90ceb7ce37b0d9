import type { CommandModule } from 'yargs';
import { networkAdmitCommand, networkRefuseCommand } from './network-admit.ts';
import { networkAuthorityCommand } from './network-authority.ts';
import { networkCreateCommand } from './network-create.ts';
import { networkInviteCommand } from './network-invite.ts';
import { networkKeyCommand } from './network-key.ts';
import { networkLinkCommand } from './network-link.ts';
import { networkSeedsCommand } from './network-seeds.ts';
import { networkShowCommand } from './network-show.ts';

/** `sotto network …`: a network of one's own. */
export const networkCommand: CommandModule = {
  command: 'network',
  describe: 'Make and run a network of your own',
  builder: (parser) =>
    parser
      .command(networkKeyCommand)
      .command(networkCreateCommand)
      .command(networkAuthorityCommand)
      .command(networkInviteCommand)
      .command(networkAdmitCommand)
      .command(networkRefuseCommand)
      .command(networkLinkCommand)
      .command(networkSeedsCommand)
      .command(networkShowCommand)
      .demandCommand(1, 'Say create, key, authority, invite, admit, refuse, link, seeds or show.'),
  handler: () => undefined,
};
