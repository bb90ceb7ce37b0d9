import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { bytesToHex, wipe } from '@sotto/wire/bytes';
import type { KeyPair } from '@sotto/wire/crypto';
import { loadAuthorityKey } from './authority-key.ts';
import { serveAuthority } from './authority-server.ts';
import { loadOrCreateCertificate } from './certificate.ts';
import { type AdmittedNode, composeDirectory } from './compose.ts';
import { DirectoryError } from './errors.ts';
import { type NetworkFile, networkId } from './network-file.ts';
import { signDirectory } from './signed-directory.ts';
import { fileStorage } from './storage.ts';
import { DirectoryStore } from './store.ts';

const ROUND_LENGTH = 3_600_000;

/** What an authority needs. */
export interface AuthorityOptions {
  /** Holds `authority.key` (see `createAuthorityKey`); `directory.json` and `certificate.pem` are kept there too. */
  readonly folder: string;
  readonly networkFile: NetworkFile;
  /** The nodes that belong into the directory, asked at every round. */
  readonly nodes: () => readonly AdmittedNode[];
  /** Absent: 127.0.0.1. */
  readonly host?: string;
  /** Absent or 0: any free port. */
  readonly port?: number;
  /** ms; absent: one hour. */
  readonly roundLength?: number;
  /** ms since 1970; absent: the system's clock. */
  readonly now?: () => number;
  /** Told when a round brought no directory; the previous one stays and the next round tries again. */
  readonly onRoundFailure: (error: unknown) => void;
}

/** An authority at work. */
export interface RunningAuthority {
  readonly port: number;
  /** What it has published. */
  readonly directory: DirectoryStore;
  /** Holds a round now, out of turn; resolves once its directory is published. @throws DirectoryError as a round does. */
  publish(): Promise<void>;
  /** Resolves once nothing runs any more and the key is wiped. */
  close(): Promise<void>;
}

/**
 * Starts an authority: signs a directory now and at every round, serves it with `GET /directory/v1`, and answers stock
 * clients as a seed. An epoch is on disk before anybody sees it, so a restart never signs it twice.
 * @throws DirectoryError `authority-key`, `storage`, `address`, or what its own first directory fails with:
 * `signatures` where one authority alone does not reach the threshold.
 */
export async function startAuthority(options: AuthorityOptions): Promise<RunningAuthority> {
  const { folder, networkFile, nodes, onRoundFailure, now = Date.now } = options;
  const key = await loadAuthorityKey(folder);
  try {
    requireAuthority(key, networkFile);
    const store = await DirectoryStore.open({ networkFile, storage: fileStorage(join(folder, 'directory.json')), now });
    const id = networkId(networkFile);
    let lastRound: Promise<unknown> = Promise.resolve();
    const publish = () => {
      const round = lastRound.then(async () => {
        const { parameters } = networkFile;
        const previous = store.accepted();
        const next = composeDirectory({ networkId: id, previous, nodes: nodes(), parameters, now: now() });
        await store.offer(signDirectory(next, [key]));
      });
      lastRound = round.catch(() => {});
      return round;
    };
    await publish();
    const server = await serveAuthority(
      store,
      await loadOrCreateCertificate(folder),
      options.host ?? '127.0.0.1',
      options.port ?? 0,
    );
    const stopping = new AbortController();
    const rounds = keepPublishing(publish, options.roundLength ?? ROUND_LENGTH, stopping.signal, onRoundFailure);
    return {
      port: server.port,
      directory: store,
      publish,
      async close() {
        stopping.abort();
        await Promise.all([rounds, server.close()]);
        await lastRound;
        wipe(key.secretKey);
      },
    };
  } catch (error) {
    wipe(key.secretKey);
    throw error;
  }
}

async function keepPublishing(
  publish: () => Promise<void>,
  roundLength: number,
  signal: AbortSignal,
  onRoundFailure: (error: unknown) => void,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await delay(roundLength, undefined, { signal });
      await publish();
    } catch (error) {
      if (!signal.aborted) onRoundFailure(error);
    }
  }
}

function requireAuthority(key: KeyPair, file: NetworkFile): void {
  const own = bytesToHex(key.publicKey);
  if (file.authorities.some((authority) => authority.key === own)) return;
  throw new DirectoryError('authority-key', `the key ${own} is not an authority of the network "${file.name}"`);
}
