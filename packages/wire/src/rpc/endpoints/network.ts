import { decodeNodeRecords, type NodeRecord } from '../../nodes/index.ts';
import { asText, isHex, readAliasedAccount } from '../account-field.ts';
import { type Endpoint, open } from '../endpoint.ts';
import { invalidRequest } from '../failure.ts';
import { defineFields, missing } from '../fields.ts';
import type { JsonObject } from '../json.ts';
import { anything, type Text, text } from '../kinds.ts';
import { asInteger, readBase64, readList, readObject, readStamp, type Stamp } from '../reply-reader.ts';
import type { ActiveNodesRequest, DirectoryRequest, GetSwarmRequest, InfoRequest, OxendRequest } from '../request.ts';
import { readSwarm, type SwarmReply } from '../swarm-object.ts';

interface GetSwarmFields {
  readonly pubKey: Text;
  readonly pubkey: Text;
}

interface DirectoryFields {
  readonly known: Text;
}

interface OxendFields {
  readonly endpoint: Text;
  readonly params: unknown;
}

export interface InfoReply extends Stamp {
  readonly version: readonly [number, number, number];
  /** What the node can do beyond others, e.g. `wait`; empty for nodes of other makes (waiting §2). */
  readonly features: readonly string[];
}

export interface OxendReply extends Stamp {
  /** JSON of the blockchain node, not looked at. */
  readonly result: unknown;
}

/** Asks any node which nodes keep an account's messages (storage-rpc §8.11). */
export const getSwarm: Endpoint<GetSwarmRequest, GetSwarmFields, SwarmReply> = {
  ...open,
  methods: ['get_swarm', 'get_snodes_for_pubkey'],
  fields: defineFields<GetSwarmFields>({ pubKey: text, pubkey: text }),

  parse(given) {
    const { account, accountId } = readAliasedAccount(given, 'Pubkey must be 66 hex digits/33 bytes long');
    return { method: 'get_swarm', accountId, account };
  },
  parameters: (request) => ({ pubkey: request.account }),
  readReply: readSwarm,
};

/** Asks a node for its version and clock (storage-rpc §8.12). */
export const info: Endpoint<InfoRequest, object, InfoReply> = {
  ...open,
  methods: ['info'],
  fields: defineFields({}),
  parse: () => ({ method: 'info' }),
  parameters: () => ({}),

  readReply(body) {
    const reply = readObject(body, 'answer');
    const [major, minor, patch] = readList(reply, 'version').map((part) => asInteger(part, 'version'));
    return { version: [major ?? 0, minor ?? 0, patch ?? 0], features: readFeatures(reply), ...readStamp(reply) };
  },
};

/** Names that are no text are passed over: what others announce one day must not spoil the rest. */
function readFeatures({ features }: JsonObject): string[] {
  const names: readonly unknown[] = Array.isArray(features) ? features.slice(0, MOST_FEATURES) : [];
  return names.filter((name) => typeof name === 'string');
}

const MOST_FEATURES = 100;

/** Asks for the list of active nodes in its binary form (storage-rpc §8.14). */
export const activeNodes: Endpoint<ActiveNodesRequest, object, readonly NodeRecord[]> = {
  ...open,
  methods: ['active_nodes_bin'],
  fields: defineFields({}),
  parse: () => ({ method: 'active_nodes_bin' }),
  parameters: () => ({}),
  readReply: (body) => decodeNodeRecords(readBase64({ body }, 'body')),
};

/**
 * Asks for the signed directory (directory §6); ours alone, other nodes answer `no method directory`. The reply is the
 * signed bytes, not verified yet, or `null` if the known ones are still the newest that the node has.
 */
export const directory: Endpoint<DirectoryRequest, DirectoryFields, Uint8Array | null> = {
  ...open,
  methods: ['directory'],
  fields: defineFields<DirectoryFields>({ known: text }),
  parse: ({ known }) => ({ method: 'directory', known: known === undefined ? null : readDigest(known) }),
  parameters: ({ known }) => ({ known: known ?? undefined }),

  readReply(body) {
    const bytes = readBase64({ body }, 'body');
    return bytes.length === 0 ? null : bytes;
  },
};

const DIGEST_DIGITS = 64;

function readDigest(known: Text): string {
  const digits = asText(known);
  if (digits.length === DIGEST_DIGITS && isHex(digits)) return digits.toLowerCase();
  throw invalidRequest("Invalid value given for 'known': expected 64 hex digits");
}

/** Asks the blockchain node behind a node (storage-rpc §8.13). */
export const oxendRequest: Endpoint<OxendRequest, OxendFields, OxendReply> = {
  ...open,
  methods: ['oxend_request'],
  fields: defineFields<OxendFields>({ endpoint: text, params: anything }),

  parse(given) {
    const endpoint = asText(given.endpoint ?? missing('endpoint'));
    if (endpoint !== 'get_service_nodes' && endpoint !== 'ons_resolve') {
      throw invalidRequest(`Invalid oxend endpoint '${endpoint}'`);
    }
    return { method: 'oxend_request', endpoint, params: readOxendParams(given.params) };
  },
  parameters: ({ endpoint, params }) => ({ endpoint, params: params === null ? undefined : { json: params } }),

  readReply(body) {
    const reply = readObject(body, 'answer');
    return { result: reply.result ?? null, ...readStamp(reply) };
  },
};

/** A bt dict carries them as text of JSON. */
function readOxendParams(params: unknown): unknown {
  if (!(params instanceof Uint8Array)) return params ?? null;
  try {
    return JSON.parse(asText(params));
  } catch {
    throw invalidRequest('oxend_request params field does not contain valid json');
  }
}
