import {
  answerSeedRequest,
  DIRECTORY_PATH,
  directoryReply,
  MAXIMUM_SEED_REQUEST_BYTES,
  type NodeList,
} from '@sotto/directory';
import { bytesToBase64, type Random } from '@sotto/wire/bytes';
import { answerEnvelope } from '../handler/envelope.ts';
import type { StorageHandler } from '../handler/handler.ts';
import { jsonText, type RpcReply } from '../handler/rpc-reply.ts';
import type { RateLimiter } from '../net/rate-limiter.ts';
import type { OnionRouter } from '../onion/onion-router.ts';
import { httpsCaller } from '../waiting/caller.ts';
import { type HttpReply, textReply } from './reply.ts';
import type { Route } from './server.ts';

/** What the routes lead to. */
export interface RouteTargets {
  readonly handler: Pick<StorageHandler, 'handle'>;
  readonly onions: Pick<OnionRouter, 'edge'>;
  /** The key by which the network names this node. */
  readonly legacyKey: Uint8Array;
  readonly version: string;
  readonly random: Random;
  /** Absent: no limit. */
  readonly rateLimiters?:
    | { readonly rpc: RateLimiter; readonly onions: RateLimiter; readonly lists: RateLimiter }
    | undefined;
  /** Another node has tested whether this one can be reached. */
  onPing(): void;
  /** Signed bytes of the newest directory; `null` if there is none, or the nodes come from elsewhere. */
  directory(): Uint8Array | null;
  nodes(): NodeList | null;
}

/** Everything that a node answers over HTTPS (storage-rpc §2.1), and what nodes of our own networks add to it. */
export function nodeRoutes(targets: RouteTargets): Record<string, Route> {
  const { handler, onions, legacyKey, version, random, rateLimiters, directory, nodes } = targets;
  return {
    'POST /storage_rpc/v1': {
      needsReady: true,
      isClientRpc: true,
      rateLimiter: rateLimiters?.rpc,
      answer: async (body, { socket }) => rpcReply(await answerEnvelope(handler, body, httpsCaller(socket))),
    },
    'POST /onion_req/v2': {
      needsReady: true,
      isMostlyWaiting: true,
      rateLimiter: rateLimiters?.onions,
      answer: async (body, { socket }) => {
        const reply = await onions.edge(body, httpsCaller(socket));
        return { status: reply.status, type: 'text/plain', body: reply.body };
      },
    },
    'POST /ping_test/v1': {
      answer: () => {
        targets.onPing();
        return { ...textReply(200, ''), headers: { 'X-Oxen-Snode-Pubkey': bytesToBase64(legacyKey) } };
      },
    },
    'GET /get_stats/v1': {
      answer: () => ({ status: 200, type: 'application/json', body: JSON.stringify({ version }) }),
    },
    [`GET ${DIRECTORY_PATH}`]: {
      rateLimiter: rateLimiters?.lists,
      answer: (_body, request) => {
        const { status, headers, body } = directoryReply(directory(), request.headers['if-none-match']);
        return { status, type: 'text/plain', body, headers };
      },
    },
    'POST /json_rpc': {
      rateLimiter: rateLimiters?.lists,
      answer: (body) => {
        if (body.length > MAXIMUM_SEED_REQUEST_BYTES) return textReply(413, 'Request body too large');
        const reply = answerSeedRequest(body, nodes(), random);
        return { status: reply.status, type: 'application/json', body: reply.body };
      },
    },
  };
}

function rpcReply({ status, body }: RpcReply): HttpReply {
  if (body instanceof Uint8Array) return { status, type: 'application/octet-stream', body };
  if (typeof body === 'string') return textReply(status, body);
  return { status, type: 'application/json', body: jsonText(body) };
}
