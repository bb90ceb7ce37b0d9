import { join, resolve } from 'node:path';
import { AuthorityError, AuthorityFolder, SuccessionKeeper } from '@sotto/authority';
import {
  type DecidingAuthorities,
  DirectoryError,
  DirectoryStore,
  fileStorage,
  loadAuthorityKey,
  type NetworkFile,
  networkId,
  type Succession,
} from '@sotto/directory';
import { NodeError } from '@sotto/node';
import { wipe } from '@sotto/wire/bytes';
import type { KeyPair } from '@sotto/wire/crypto';
import type { Argv } from 'yargs';
import { openDataFolder } from '../data-folder.ts';
import { CommandFailure } from '../failure.ts';
import { readNetworkFile } from '../network-file.ts';

/** Options of every command that acts for an authority. */
export interface AuthorityArguments {
  readonly data: string | undefined;
  readonly folder: string | undefined;
  readonly network: string;
}

/** Adds the options of {@link AuthorityArguments} to a command. */
export function withAuthorityOptions(parser: Argv): Argv<AuthorityArguments> {
  return withFolderOption(parser).option('network', {
    type: 'string',
    demandOption: true,
    requiresArg: true,
    describe: 'Network file or sotto: link',
  }) as unknown as Argv<AuthorityArguments>;
}

/** Adds the options that name an authority's folder. */
export function withFolderOption(parser: Argv): Argv<Pick<AuthorityArguments, 'data' | 'folder'>> {
  return parser.option('data', { type: 'string' }).option('folder', {
    type: 'string',
    requiresArg: true,
    describe: "The authority's folder; default: authority in the data folder",
  }) as unknown as Argv<Pick<AuthorityArguments, 'data' | 'folder'>>;
}

/** Where an authority keeps its things. */
export function authorityFolder({ data, folder }: Pick<AuthorityArguments, 'data' | 'folder'>): string {
  return folder === undefined ? join(openDataFolder(data).path, 'authority') : resolve(folder);
}

/** An authority's folder opened by a command. */
export interface AuthorityPlace {
  readonly folder: AuthorityFolder;
  readonly file: NetworkFile;
  /** 32 bytes. */
  readonly networkId: Uint8Array;
  readonly keys: KeyPair;
  /** Who decides, as far as this authority knows. */
  readonly deciding: DecidingAuthorities;
  /** How many successions there were. */
  readonly successions: number;
  /** What this authority's operator has agreed to, if it is about the next one. */
  readonly proposal: Succession | null;
}

/** Opens an authority's folder for `work` and wipes its key afterwards. @throws CommandFailure, DirectoryError */
export async function asAuthority<Result>(
  options: AuthorityArguments,
  work: (place: AuthorityPlace) => Promise<Result>,
): Promise<Result> {
  const path = authorityFolder(options);
  const file = readNetworkFile(options.network);
  const keys = await loadAuthorityKey(path).catch((error: unknown) => {
    throw plainFailure(error);
  });
  try {
    const folder = new AuthorityFolder(path);
    const store = await DirectoryStore.open({ networkFile: file, storage: fileStorage(join(path, 'directory.json')) });
    const saved = await folder.successions();
    const successions = saved.length > store.successions().length ? saved : store.successions();
    const keeper = new SuccessionKeeper(folder, file, successions);
    const proposal = (await keeper.proposal())?.succession ?? null;
    const { deciding } = keeper;
    return await work({
      folder,
      file,
      networkId: networkId(file),
      keys,
      deciding,
      successions: successions.length,
      proposal,
    });
  } catch (error) {
    throw plainFailure(error);
  } finally {
    wipe(keys.secretKey);
  }
}

/** Errors of authorities and nodes as commands tell them. */
export function plainFailure(error: unknown): unknown {
  if (error instanceof DirectoryError && error.code === 'authority-key') {
    const advice = 'A new authority gets its key from: sotto network create, or sotto network key';
    return new CommandFailure(`The key of this authority cannot be used: ${error.message}. ${advice}`);
  }
  const isKnown = error instanceof AuthorityError || error instanceof NodeError;
  return isKnown ? new CommandFailure(error.message, 1, { cause: error }) : error;
}

/** `KEY@URL` as operators pass it on: an authority's key and where it can be reached. @throws CommandFailure */
export function parseAuthority(text: string): { key: string; urls: string[] } {
  const [key = '', ...urls] = text.trim().split('@');
  const isWhole = /^[0-9a-fA-F]{64}$/.test(key) && urls.length > 0 && urls.every(isOrigin);
  if (isWhole) return { key: key.toLowerCase(), urls: urls.map((url) => new URL(url).origin) };
  throw new CommandFailure(
    `"${text}" does not name an authority. Write its key, @ and its address, as "sotto network key" prints them.`,
    2,
  );
}

/** Checks an address that others reach something at. @throws CommandFailure */
export function originOf(option: string, text: string): string {
  if (isOrigin(text)) return new URL(text).origin;
  throw new CommandFailure(`${option} takes an address of the form https://host:port.`, 2);
}

/** The parts of an option's value between commas. */
export function listOf(text: string | undefined): string[] {
  return (text ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function isOrigin(text: string): boolean {
  const url = URL.parse(text);
  return url?.protocol === 'https:' && url.pathname === '/' && !url.search && !url.hash && !url.username;
}

/** Does an error say that a key is there already? */
export function isExisting(error: unknown): boolean {
  return (
    error instanceof DirectoryError &&
    error.cause instanceof Error &&
    'code' in error.cause &&
    error.cause.code === 'EEXIST'
  );
}
