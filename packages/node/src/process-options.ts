import { readFileSync } from 'node:fs';
import { DirectoryError, parseNetworkFile } from '@sotto/directory';
import { NodeError } from './errors.ts';
import type { NodeOptions } from './node-options.ts';

/** The members of the options line and their types; all others are refused. `networkFile` is a path there. */
const TYPES = {
  folder: 'string',
  networkFile: 'string',
  host: 'string',
  httpsPort: 'port',
  omqPort: 'port',
  logLevel: 'level',
  allowPrivateAddresses: 'boolean',
  rateLimit: 'boolean',
  maxStoreBytes: 'count',
  durability: 'durability',
  directoryInterval: 'count',
  deliveryInterval: 'count',
} as const;

const REQUIRED = ['folder', 'networkFile', 'httpsPort', 'omqPort'] as const;

type TypeName = (typeof TYPES)[keyof typeof TYPES];

const CHECKS: Readonly<Record<TypeName, readonly [description: string, check: (value: unknown) => boolean]>> = {
  string: ['a text', (value) => typeof value === 'string' && value !== ''],
  boolean: ['true or false', (value) => typeof value === 'boolean'],
  port: ['a port number from 0 to 65535', (value) => isInteger(value, 0, 65_535)],
  count: ['a positive integer', (value) => isInteger(value, 1, Number.MAX_SAFE_INTEGER)],
  level: ['debug, info, warn, error or silent', isOneOf('debug', 'info', 'warn', 'error', 'silent')],
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
  const options = given as Omit<NodeOptions, 'networkFile'> & { networkFile: string };
  return { ...options, networkFile: readNetworkFile(options.networkFile) };
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

function isOneOf(...words: readonly string[]): (value: unknown) => boolean {
  return (value) => words.includes(value as string);
}
