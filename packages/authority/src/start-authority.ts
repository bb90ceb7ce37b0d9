import { join } from 'node:path';
import { DirectoryStore, fileStorage, loadAuthorityKey, loadOrCreateCertificate } from '@sotto/directory';
import { startHttpsServer } from '@sotto/node';
import { wipe } from '@sotto/wire/bytes';
import { Authority } from './authority.ts';
import { AuthorityFolder } from './authority-folder.ts';
import { type AuthorityOptions, type RunningAuthority, timeoutOf } from './authority-options.ts';
import { networkProbe } from './members/probe.ts';
import { authorityRoutes } from './routes.ts';

const VERSION = '2.11.3';

/**
 * Starts an authority that makes the network's directory together with the others (docs/protocol/directory.md §8); alone
 * where the network file names it alone. A key that does not decide is no obstacle: it may be about to.
 * @throws DirectoryError `authority-key`, `storage` or `wrong-network`; AuthorityError `storage`; NodeError `port`.
 */
export async function startVotingAuthority(options: AuthorityOptions): Promise<RunningAuthority> {
  const { networkFile, now = Date.now, log } = options;
  const folder = new AuthorityFolder(options.folder);
  const keys = await loadAuthorityKey(options.folder);
  try {
    const storage = fileStorage(join(options.folder, 'directory.json'));
    const store = await DirectoryStore.open({ networkFile, storage, now });
    const saved = {
      lastEpoch: await folder.lastEpoch(),
      successions: await folder.successions(),
      members: await folder.members(),
      lists: await folder.lists(),
    };
    const probe = options.probe ?? networkProbe(timeoutOf(options), log);
    const authority = new Authority(options, folder, keys, store, probe, saved);
    const certificate = await loadOrCreateCertificate(options.folder);
    try {
      const server = await startHttpsServer({
        host: options.host ?? '127.0.0.1',
        port: options.port ?? 0,
        tls: certificate,
        version: VERSION,
        routes: authorityRoutes(authority),
        notReady: () => [],
        monotonicNow: () => performance.now(),
        log,
      });
      authority.run(server);
      return authority;
    } catch (error) {
      await authority.close();
      throw error;
    }
  } catch (error) {
    wipe(keys.secretKey);
    throw error;
  }
}
