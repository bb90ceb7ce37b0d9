import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import {
  ADDRESS_PATH,
  answerSeedRequest,
  DESCRIPTOR_PATH,
  DIRECTORY_PATH,
  DirectoryError,
  type DirectoryReply,
  type DirectoryStore,
  directoryReply,
  MAXIMUM_DESCRIPTOR_BYTES,
  MAXIMUM_ROUND_MESSAGE_BYTES,
  MAXIMUM_SEED_REQUEST_BYTES,
  ROUND_PATH,
} from '@sotto/directory';
import { clientOfAddress, type HttpReply, LIST_LIMITS, RateLimiter, type Route } from '@sotto/node';
import { AuthorityError } from './errors.ts';
import { type AuthorityStatus, STATUS_PATH } from './status.ts';

/** What one address may ask for in the long run; a site with sixty nodes behind one sends far less. */
const DESCRIPTOR_LIMITS = { capacity: 200, perSecond: 5, clients: 10_000 };
const ROUND_LIMITS = { capacity: 500, perSecond: 10, clients: 1000 };

/** What the routes lead to. */
export interface RouteTargets {
  readonly store: DirectoryStore;
  /** Takes a node's descriptor that came from this address. @throws DirectoryError, AuthorityError */
  describe(descriptor: Uint8Array, from: string): Promise<void>;
  /** Takes another authority's message. @throws DirectoryError */
  receive(message: Uint8Array): void;
  status(): Promise<AuthorityStatus>;
}

/** What an authority answers over HTTPS (docs/protocol/directory.md §6, §8). */
export function authorityRoutes({ store, describe, receive, status }: RouteTargets): Record<string, Route> {
  const reads = new RateLimiter(LIST_LIMITS);
  return {
    [`GET ${DIRECTORY_PATH}`]: {
      rateLimiter: reads,
      answer: (_body, request: IncomingMessage) => {
        const reply = directoryFor(request.headers['if-none-match'], store);
        return { status: reply.status, type: 'text/plain', body: reply.body, headers: reply.headers };
      },
    },
    'POST /json_rpc': {
      rateLimiter: reads,
      answer: (body) => {
        if (body.length > MAXIMUM_SEED_REQUEST_BYTES) return text(413, 'Request body too large');
        const reply = answerSeedRequest(body, store.current(), randomBytes);
        return { status: reply.status, type: 'application/json', body: reply.body };
      },
    },
    // So that an operator need not know the address that a node has in the eyes of others.
    [`GET ${ADDRESS_PATH}`]: {
      rateLimiter: reads,
      answer: (_body, { socket }: IncomingMessage) => text(200, (socket.remoteAddress ?? '').replace(/^::ffff:/i, '')),
    },
    [`GET ${STATUS_PATH}`]: {
      rateLimiter: reads,
      answer: async () => ({ status: 200, type: 'application/json', body: JSON.stringify(await status()) }),
    },
    [`POST ${DESCRIPTOR_PATH}`]: {
      rateLimiter: new RateLimiter(DESCRIPTOR_LIMITS),
      answer: (body, { socket }: IncomingMessage) =>
        explained(body, MAXIMUM_DESCRIPTOR_BYTES, (bytes) =>
          describe(bytes, clientOfAddress(socket.remoteAddress ?? '')),
        ),
    },
    [`POST ${ROUND_PATH}`]: {
      rateLimiter: new RateLimiter(ROUND_LIMITS),
      answer: (body) => explained(body, MAXIMUM_ROUND_MESSAGE_BYTES, receive),
    },
  };
}

/**
 * Who has the accepted directory already is shown the one that the next follows, should that be another: of two that
 * contradict each other an authority may have been told only one, and would wait in vain for those who know both.
 */
function directoryFor(known: string | undefined, store: DirectoryStore): DirectoryReply {
  const reply = directoryReply(store.accepted()?.bytes ?? null, known);
  return reply.status === 304 ? directoryReply(store.basis()?.bytes ?? null, known) : reply;
}

async function explained(
  body: Buffer,
  limit: number,
  take: (bytes: Uint8Array) => void | Promise<void>,
): Promise<HttpReply> {
  if (body.length > limit) return text(413, 'Request body too large');
  try {
    await take(new Uint8Array(body));
    return text(200, 'OK');
  } catch (error) {
    if (error instanceof AuthorityError && error.code === 'busy') return text(503, error.message);
    if (error instanceof AuthorityError && error.code === 'refused') return text(403, error.message);
    if (error instanceof DirectoryError) return text(error.code === 'encoding' ? 400 : 403, error.message);
    throw error;
  }
}

function text(status: number, body: string): HttpReply {
  return { status, type: 'text/plain', body: `${body}\n` };
}
