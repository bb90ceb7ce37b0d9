import { readFileSync } from 'node:fs';
import { isIPv4 } from 'node:net';
import { DirectoryError, inviteBytes, parseNetworkFile } from '@sotto/directory';
import { NodeError } from './errors.ts';
import type { JoinOptions } from './membership/descriptor-sender.ts';
import type { NodeOptions } from './node-options.ts';

/** The members of the options line and their types; all others are refused. `networkFile` is a path there. */
const TYPES = {
  folder: 'string',
  networkFile: 'string',
  join: 'join',
  oxend: 'oxend',
  statsKeys: 'keys',
  testInterval: 'count',
  host: 'string',
  httpsPort: 'port',
  omqPort: 'port',
  logLevel: 'level',
  allowPrivateAddresses: 'boolean',
  rateLimit: 'boolean',
  metricsPort: 'port',
  control: 'boolean',
  maxWaiting: 'number',
  maxStoreBytes: 'count',
  durability: 'durability',
  directoryInterval: 'count',
  deliveryInterval: 'count',
  syncInterval: 'count',
} as const;

const REQUIRED = ['folder', 'httpsPort', 'omqPort'] as const;

type TypeName = (typeof TYPES)[keyof typeof TYPES];

const CHECKS: Readonly<Record<TypeName, readonly [description: string, check: (value: unknown) => boolean]>> = {
  string: ['a text', (value) => typeof value === 'string' && value !== ''],
  boolean: ['true or false', (value) => typeof value === 'boolean'],
  port: ['a port number from 0 to 65535', (value) => isInteger(value, 0, 65_535)],
  number: ['a whole number from 0', (value) => isInteger(value, 0, Number.MAX_SAFE_INTEGER)],
  count: ['a positive integer', (value) => isInteger(value, 1, Number.MAX_SAFE_INTEGER)],
  level: ['debug, info, warn, error or silent', isOneOf('debug', 'info', 'warn', 'error', 'silent')],
  keys: ['a list of X25519 keys in hex', isKeyList],
  join: ['an object with the address of the node and perhaps an invite and an interval', isJoin],
  oxend: ['an object with the address of oxend', isOxend],
  durability: ['power-cut or process-kill', isOneOf('power-cut', 'process-kill')],
};

/**
 * Reads the one line of JSON that a node process is started with: {@link NodeOptions}, with the path of the network
 * file in
 * `networkFile`. @throws NodeError `options` or `network` with one sentence.
 */
export function parseProcessOptions(line: string): NodeOptions {
  const given = parseObject(line);
  for (const name of REQUIRED) if (given[name] === undefined) throw wrong(`${name} is missing`);
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(TYPES, name)) throw wrong(`${name} is not known`);
    const [description, check] = CHECKS[TYPES[name as keyof typeof TYPES]];
    if (!check(value)) throw wrong(`${name} must be ${description}`);
  }
  const { networkFile, join, ...options } = given as unknown as ProcessOptions;
  return {
    ...options,
    ...(networkFile !== undefined && { networkFile: readNetworkFile(networkFile) }),
    ...(join && { join: readJoin(join) }),
  };
}

/** Options of a node's process, as JSON has them: the network file by its path, the invite as text. */
export type ProcessOptions = Omit<NodeOptions, 'networkFile' | 'join' | 'quic' | 'signal' | 'now' | 'log'> & {
  readonly networkFile?: string;
  readonly join?: { readonly address: string; readonly invite?: string; readonly interval?: number };
};

function readJoin({ invite, ...others }: NonNullable<ProcessOptions['join']>): JoinOptions {
  if (invite === undefined) return others;
  try {
    return { ...others, invite: inviteBytes(invite) };
  } catch (error) {
    if (error instanceof DirectoryError) throw wrong(error.message);
    throw error;
  }
}

function parseObject(line: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw wrong('they are not JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong('they are not an object');
  return value as Record<string, unknown>;
}

function readNetworkFile(path: string) {
  try {
    return parseNetworkFile(readFileSync(path, 'utf8'));
  } catch (error) {
    const reason = error instanceof DirectoryError ? error.message : (error as NodeJS.ErrnoException).code;
    throw new NodeError('network', `The network file ${path} cannot be used: ${reason}.`);
  }
}

function wrong(what: string): NodeError {
  return new NodeError('options', `The node's options are wrong: ${what}.`);
}

function isInteger(value: unknown, least: number, most: number): boolean {
  return Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most;
}

function isKeyList(value: unknown): boolean {
  return Array.isArray(value) && value.every((key) => typeof key === 'string' && /^[0-9a-fA-F]{64}$/.test(key));
}

function isJoin(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { address, invite, interval, ...others } = value as Record<string, unknown>;
  return (
    typeof address === 'string' &&
    isIPv4(address) &&
    (invite === undefined || typeof invite === 'string') &&
    (interval === undefined || isInteger(interval, 1, Number.MAX_SAFE_INTEGER)) &&
    Object.keys(others).length === 0
  );
}

const CHAINS = isOneOf('mainnet', 'testnet', 'private');

/** {@link NodeOptions.oxend}; what its addresses are worth is seen when they are used. */
function isOxend(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { address, chain, seeds, forceStart, ...others } = value as Record<string, unknown>;
  return (
    typeof address === 'string' &&
    (chain === undefined || CHAINS(chain)) &&
    (seeds === undefined || (Array.isArray(seeds) && seeds.every((seed) => typeof seed === 'string'))) &&
    (forceStart === undefined || typeof forceStart === 'boolean') &&
    Object.keys(others).length === 0
  );
}

function isOneOf(...words: readonly string[]): (value: unknown) => boolean {
  return (value) => words.includes(value as string);
}
