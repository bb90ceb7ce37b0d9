import { resolve } from 'node:path';
import { isNetworkLink } from '@sotto/directory';
import { closest, distance } from 'fastest-levenshtein';
import type { Options } from 'yargs';
import { CommandFailure, USAGE_EXIT_CODE } from '../failure.ts';
import { HIGHEST_PORT } from '../numbers.ts';

type SettingKind = 'text' | 'path' | 'list' | 'flag' | 'number' | 'port';

interface Setting {
  readonly kind: SettingKind;
  readonly describe: string;
  readonly choices?: readonly string[];
  /** Of a number. */
  readonly lowest?: number;
  readonly highest?: number;
}

/** Everything that can be set for a node, by the name that it has on the command line and in a config file. */
const NODE_SETTINGS = {
  folder: { kind: 'path', describe: 'Folder for keys and messages' },
  network: { kind: 'path', describe: 'Network file or sotto: link, for a network of your own' },
  address: {
    kind: 'text',
    describe: 'With --network: IPv4 address of this machine as others see it; the node then joins by itself',
  },
  invite: { kind: 'text', describe: 'With --address: code that lets the node in; the first time' },
  oxend: {
    kind: 'text',
    describe:
      "Address of the chain daemon, which has the node's keys: ipc:///path, tcp://host:port or curve://host:port/key",
  },
  chain: {
    kind: 'text',
    choices: ['mainnet', 'testnet', 'private'],
    describe: 'With --oxend: which chain it is; default mainnet',
  },
  'oxend-seed': {
    kind: 'list',
    describe: 'With --oxend: nodes to ask at the start whether oxend is up to date, instead of those of the chain',
  },
  'force-start': { kind: 'flag', describe: 'With --oxend: serve at once, also while oxend still catches up' },
  host: { kind: 'text', describe: 'Address to listen on; default 127.0.0.1' },
  'https-port': { kind: 'port', describe: 'Port for clients; default 22021' },
  'omq-port': { kind: 'port', describe: 'Port for other nodes; default 22020' },
  'metrics-port': { kind: 'port', describe: 'Port of 127.0.0.1 for metrics; default: none' },
  'stats-key': { kind: 'list', describe: 'X25519 keys (hex) of operators who may ask for statistics' },
  'max-waiting': {
    kind: 'number',
    lowest: 0,
    highest: 1_000_000,
    describe: 'Requests that may wait here for new messages at a time, 0 for none; default 10000',
  },
  'max-store-mib': {
    kind: 'number',
    lowest: 1,
    highest: 16 * 1024 * 1024,
    describe: 'Size of the messages on disk at most, MiB; default 10240',
  },
  durability: {
    kind: 'text',
    choices: ['power-cut', 'process-kill'],
    describe: 'What an acknowledged message survives at least; default power-cut',
  },
  'log-level': {
    kind: 'text',
    choices: ['debug', 'info', 'warn', 'error', 'silent'],
    describe: 'How much to log; default info',
  },
} as const satisfies Readonly<Record<string, Setting>>;

/** Name of a setting. */
export type SettingName = keyof typeof NODE_SETTINGS;

type ValueOf<S extends Setting> = S extends { kind: 'text'; choices: readonly (infer Choice)[] }
  ? Choice
  : S['kind'] extends 'number' | 'port'
    ? number
    : S['kind'] extends 'flag'
      ? boolean
      : S['kind'] extends 'list'
        ? readonly string[]
        : string;

/** Settings that were given, by name; paths are absolute. */
export type NodeSettings = { readonly [Name in SettingName]?: ValueOf<(typeof NODE_SETTINGS)[Name]> };

const NAMES = Object.keys(NODE_SETTINGS) as SettingName[];
const VARIABLE_PREFIX = 'SOTTO_NODE_';
/** Names the config file; belongs to the command, not to the file. */
const CONFIG_VARIABLE = `${VARIABLE_PREFIX}CONFIG`;
/** Words that are further from every known one than this are no slips. */
const MOST_SLIPS = 3;

/** The settings as options of the command line. */
export function settingOptions(names: readonly SettingName[] = NAMES): Record<string, Options> {
  return Object.fromEntries(
    names.map((name) => {
      const { kind, describe, choices }: Setting = NODE_SETTINGS[name];
      const type = kind === 'flag' ? 'boolean' : kind === 'port' || kind === 'number' ? 'number' : 'string';
      const taking = { ...(kind !== 'flag' && { requiresArg: true }), ...(kind === 'list' && { array: true }) };
      return [name, { global: false, type, describe, ...taking, ...(choices && { choices }) } as Options];
    }),
  );
}

/** The settings among the options of a command line. @throws CommandFailure with the option's name. */
export function settingsOfOptions(options: Readonly<Record<string, unknown>>): NodeSettings {
  const given = NAMES.filter((name) => options[name] !== undefined);
  return check(Object.fromEntries(given.map((name) => [name, options[name]])), process.cwd(), (name) => `--${name}`);
}

/**
 * The settings among environment variables, such as `SOTTO_NODE_HTTPS_PORT`; lists are divided by commas. Empty ones are as if
 * absent. @throws CommandFailure for a value that does not fit, and for a name that is none.
 */
export function settingsOfEnvironment(environment: NodeJS.ProcessEnv): NodeSettings {
  const variable = (name: string) => VARIABLE_PREFIX + name.toUpperCase().replaceAll('-', '_');
  const known = new Map(NAMES.map((name) => [variable(name), name]));
  const values: Record<string, unknown> = {};
  for (const [key, text] of Object.entries(environment)) {
    if (!key.startsWith(VARIABLE_PREFIX) || key === CONFIG_VARIABLE || text === undefined || text === '') continue;
    const name = known.get(key);
    if (name === undefined) throw unknown(`The environment variable ${key}`, key, [...known.keys(), CONFIG_VARIABLE]);
    values[name] = valueOfText(text, NODE_SETTINGS[name].kind);
  }
  return check(values, process.cwd(), variable);
}

/** The config file that the environment names, if any. */
export function configOfEnvironment(environment: NodeJS.ProcessEnv): string | undefined {
  return environment[CONFIG_VARIABLE] || undefined;
}

/**
 * The settings of a config file that was read from a folder, from which its paths start.
 * @throws CommandFailure for a value that does not fit, and for a key that is none.
 */
export function settingsOfTable(table: Readonly<Record<string, unknown>>, path: string, folder: string): NodeSettings {
  for (const key of Object.keys(table)) {
    if (!Object.hasOwn(NODE_SETTINGS, key)) throw unknown(`"${key}" in ${path}`, key, NAMES);
  }
  return check(table, folder, (name) => `${name} in ${path}`);
}

function check(
  values: Readonly<Record<string, unknown>>,
  folder: string,
  called: (name: SettingName) => string,
): NodeSettings {
  const checked = Object.entries(values).map(([key, value]) => {
    const name = key as SettingName;
    const setting: Setting = NODE_SETTINGS[name];
    const wanted = wantedOf(setting);
    if (!wanted.fits(value)) throw new CommandFailure(`${called(name)} takes ${wanted.text}.`, USAGE_EXIT_CODE);
    const isPath = setting.kind === 'path' && !isNetworkLink(value as string);
    return [name, isPath ? resolve(folder, value as string) : value];
  });
  return Object.fromEntries(checked);
}

function wantedOf({ kind, choices, lowest = 0, highest = HIGHEST_PORT }: Setting): {
  readonly text: string;
  fits(value: unknown): boolean;
} {
  if (choices) return { text: `one of: ${choices.join(', ')}`, fits: (value) => choices.includes(value as string) };
  switch (kind) {
    case 'flag':
      return { text: 'true or false', fits: (value) => typeof value === 'boolean' };
    case 'list':
      return { text: 'a list of texts', fits: (value) => Array.isArray(value) && value.every(isText) };
    case 'port':
    case 'number':
      return {
        text: `a whole number from ${lowest} to ${highest}`,
        fits: (value) => Number.isInteger(value) && (value as number) >= lowest && (value as number) <= highest,
      };
    default:
      return { text: 'a text', fits: isText };
  }
}

function valueOfText(text: string, kind: SettingKind): unknown {
  if (kind === 'list') return text.split(',').map((part) => part.trim());
  if (kind === 'flag') return text === 'true' ? true : text === 'false' ? false : text;
  if (kind === 'number' || kind === 'port') return /^\d+$/.test(text) ? Number(text) : text;
  return text;
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}

function unknown(what: string, word: string, names: readonly string[]): CommandFailure {
  const near = closest(word, names);
  const hint = distance(word, near) <= MOST_SLIPS ? ` Did you mean ${near}?` : '';
  return new CommandFailure(`${what} is not known.${hint}`, USAGE_EXIT_CODE);
}
