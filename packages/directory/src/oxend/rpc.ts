import { DirectoryError } from '../errors.ts';

/**
 * Sends one request over OxenMQ, with at most one part of data, and gives the reply's data parts. `null` if no reply came
 * in time or the connection is gone; never rejects.
 */
export type OxendRequest = (command: string, data: readonly Uint8Array[]) => Promise<readonly Uint8Array[] | null>;

/** What an RPC of oxend came to (node-network §10.1). */
export type OxendOutcome =
  | { readonly kind: 'done'; readonly json: string }
  /** oxend refused it, in its own words. */
  | { readonly kind: 'refused'; readonly text: string }
  | { readonly kind: 'no-answer' };

const MAXIMUM_TEXT_CHARACTERS = 500;

/** Calls `rpc.<name>` or `admin.<name>` with JSON parameters. @param params absent: no data part. */
export async function callOxend(request: OxendRequest, command: string, params?: unknown): Promise<OxendOutcome> {
  const data = params === undefined ? [] : [Buffer.from(JSON.stringify(params))];
  return readRpcReply(await request(command, data));
}

/** Reads the two parts of a reply, code and body; anything else counts as a refusal. */
export function readRpcReply(parts: readonly Uint8Array[] | null): OxendOutcome {
  if (parts === null) return { kind: 'no-answer' };
  const [code, body] = parts.map((part) => Buffer.from(part.buffer, part.byteOffset, part.length).toString('utf8'));
  if (code === '200' && body !== undefined) return { kind: 'done', json: body };
  return { kind: 'refused', text: (body ?? code ?? '').slice(0, MAXIMUM_TEXT_CHARACTERS) };
}

/** `JSON.parse` with what the language has for revivers and TypeScript's library does not yet know. */
const parseWithSources = JSON.parse as (
  text: string,
  revive: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
) => unknown;

/**
 * Reads JSON of oxend; members named `swarm_id` become bigints, since they are integers beyond 2⁵³ (node-network §6).
 * @throws DirectoryError `oxend` if it is not JSON.
 */
export function parseOxendJson(text: string): unknown {
  try {
    return parseWithSources(text, (key, value, { source = '' }) =>
      key === 'swarm_id' && /^[0-9]+$/.test(source) ? BigInt(source) : value,
    );
  } catch (cause) {
    throw new DirectoryError('oxend', 'the chain daemon (oxend) answered something that is not JSON', { cause });
  }
}
