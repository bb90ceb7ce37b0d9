import { encodeCommandRefusal, encodeRefusal, type OxenMqError, type OxenMqMessage } from './message.ts';

/** What a connection may do; given when it is accepted, or by the dialler to the far side of its own connections. */
export type AuthLevel = 'none' | 'basic' | 'admin';

/** A group of commands with the same access rules. */
export interface Category {
  readonly access: AuthLevel;
  /** Only while this process itself is a service node. */
  readonly localServiceNode?: boolean;
  /** Only for callers that are service nodes. */
  readonly remoteServiceNode?: boolean;
  /** Names without the category; a request command is answered, a plain one not. */
  readonly commands: ReadonlyMap<string, 'request' | 'plain'>;
}

/** Who sent a command, judged by the connection's key at this moment, never by its routing id (§4.3). */
export interface Caller {
  readonly level: AuthLevel;
  readonly isServiceNode: boolean;
}

export interface RoutingTable {
  readonly categories: ReadonlyMap<string, Category>;
  /** Is this process a service node? */
  readonly localServiceNode: boolean;
}

/** What to do with a command. */
export type Route =
  | {
      readonly kind: 'run';
      readonly category: string;
      readonly command: string;
      /** To be put into the reply; null for a plain command, which gets none. */
      readonly tag: Uint8Array | null;
      readonly data: readonly Uint8Array[];
    }
  /** The message to send back. */
  | { readonly kind: 'refuse'; readonly error: OxenMqError; readonly message: Uint8Array[] };

const MAXIMUM_CATEGORY_BYTES = 50;
const MAXIMUM_COMMAND_BYTES = 200;
const LEVELS: readonly AuthLevel[] = ['none', 'basic', 'admin'];

/** The receiver's checks of a command, in their order (node-network §4.2). */
export function routeCommand(
  { name, parts }: Extract<OxenMqMessage, { kind: 'command' }>,
  caller: Caller,
  table: RoutingTable,
): Route {
  const found = findCommand(name, table);
  // Always with the name: whether there is a tag is known only of commands that exist.
  if (found === null) return refuse('UNKNOWNCOMMAND', encodeCommandRefusal('UNKNOWNCOMMAND', name));
  const { category, commandName, isRequest } = found;
  const tag = isRequest ? (parts[0] ?? null) : null;
  const error = accessError(category, caller, table);
  if (error !== null) return refuse(error, tag ? encodeRefusal(error, tag) : encodeCommandRefusal(error, name));
  if (isRequest && tag === null) return refuse('NO_REPLY_TAG', encodeCommandRefusal('NO_REPLY_TAG', name));
  return {
    kind: 'run',
    category: found.categoryName,
    command: commandName,
    tag,
    data: isRequest ? parts.slice(1) : parts,
  };
}

interface FoundCommand {
  readonly category: Category;
  readonly categoryName: string;
  readonly commandName: string;
  readonly isRequest: boolean;
}

/** Commands by their whole name, for tables that were searched before: as many as they have. */
const foundBefore = new WeakMap<RoutingTable['categories'], Map<string, FoundCommand>>();

function findCommand(name: string, { categories }: RoutingTable): FoundCommand | null {
  let known = foundBefore.get(categories);
  if (!known) {
    known = new Map();
    foundBefore.set(categories, known);
  }
  const before = known.get(name);
  if (before) return before;
  const found = searchCommand(name, categories);
  if (found) known.set(name, found);
  return found;
}

function searchCommand(name: string, categories: RoutingTable['categories']): FoundCommand | null {
  const dot = name.indexOf('.');
  if (dot < 1 || dot > MAXIMUM_CATEGORY_BYTES || name.length - dot - 1 > MAXIMUM_COMMAND_BYTES) return null;
  const categoryName = name.slice(0, dot);
  const commandName = name.slice(dot + 1);
  const category = categories.get(categoryName);
  const type = category?.commands.get(commandName);
  if (category === undefined || type === undefined) return null;
  return { category, categoryName, commandName, isRequest: type === 'request' };
}

function accessError(category: Category, caller: Caller, table: RoutingTable): OxenMqError | null {
  if (LEVELS.indexOf(caller.level) < LEVELS.indexOf(category.access)) return 'FORBIDDEN';
  if (category.localServiceNode && !table.localServiceNode) return 'NOT_A_SERVICE_NODE';
  if (category.remoteServiceNode && !caller.isServiceNode) return 'FORBIDDEN_SN';
  return null;
}

function refuse(error: OxenMqError, message: Uint8Array[]): Route {
  return { kind: 'refuse', error, message };
}
