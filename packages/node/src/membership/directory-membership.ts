import { DirectoryError, type DirectoryStore, followDirectory, serviceNodes } from '@sotto/directory';
import type { Random } from '@sotto/wire/bytes';
import { NO_NAMES_TEXT } from '@sotto/wire/ons';
import type { Log } from '../log.ts';
import { refreshNodeDirectory } from '../swarm/directory-refresh.ts';
import type { DescriptorSender } from './descriptor-sender.ts';
import type { ChainAnswer, Membership } from './membership.ts';

/** What following a signed directory needs. */
export interface DirectoryMembershipOptions {
  readonly store: DirectoryStore;
  readonly ownKey: Uint8Array;
  /** ms between two fetches; a quarter more or less is drawn each time. */
  readonly interval: number;
  readonly random: Random;
  readonly log: Log;
  /** Tells the authorities where this node is; absent: they know it. */
  readonly descriptors?: DescriptorSender | undefined;
}

const RETRY_MS = 1_000;
const WAITING_MS = 5_000;
const HARD_FORK = [19, 6] as const;

/** Membership in a network that has a signed directory (docs/protocol/directory.md). */
export function directoryMembership(options: DirectoryMembershipOptions): Membership {
  const { store, ownKey, interval, random, log, descriptors } = options;
  const isListed = (): boolean => store.current()?.node(ownKey) !== undefined;
  const height = (): number => store.current()?.epoch ?? 0;
  return {
    source: store,
    run: async (ports, signal) => {
      const following = followDirectory({
        refresh: (both) => refreshNodeDirectory({ store, ownKey, random }, both),
        // Nodes that started together shall not ask together. Who waits to be listed looks more often.
        interval: () => (isListed() ? interval : Math.min(interval, WAITING_MS)) * (0.75 + Math.random() / 2),
        retryInterval: Math.min(RETRY_MS, interval),
        signal,
        onFailure: (error) => {
          const code = error instanceof DirectoryError ? error.code : 'unknown';
          log.warn({ code }, 'The directory could not be refreshed.');
        },
      });
      await Promise.all([following, descriptors?.run(ports, signal)]);
    },
    notReady: () => (store.current() ? [] : ['not done syncing']),
    hardFork: () => store.current()?.hardFork ?? HARD_FORK,
    height,
    targetHeight: height,
    signedDirectory: () => store.accepted()?.bytes ?? null,
    async ask(endpoint, params): Promise<ChainAnswer> {
      if (endpoint === 'ons_resolve') return refused(NO_NAMES_TEXT);
      const list = store.current();
      return list ? { kind: 'done', result: serviceNodes(list, params, random) } : refused('No nodes known yet');
    },
    // The node's own book of tests is all there is.
    report: async () => {},
  };
}

function refused(text: string): ChainAnswer {
  return { kind: 'refused', status: 400, text };
}
