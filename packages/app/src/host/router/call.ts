import { EngineError } from '@sotto/client';
import { initTRPC, type TRPCError } from '@trpc/server';
import { z } from 'zod';
import type { Messenger } from '../messenger.ts';

/** What a call of the page runs with; made once a connection, after both halves of the session were checked. */
export interface CallContext {
  readonly messenger: Messenger;
}

/** Failures cross as a stable word in `data.reason`: an engine error's code, `bad-input` or `internal`. */
const trpc = initTRPC.context<CallContext>().create({
  isDev: false,
  errorFormatter: ({ shape, error }) => {
    const reason = reasonOf(error);
    return { ...shape, message: reason, data: { code: shape.data.code, httpStatus: shape.data.httpStatus, reason } };
  },
});

/** Groups calls under names. */
export const group = trpc.router;
/** One call of the page. */
export const call = trpc.procedure;

// Bounds keep a broken page from filling memory; what is right or wrong in an input the engine itself decides.
/** An id as the engine gives it: of a conversation, a message, an attachment. */
export const id = z.string().min(1).max(200);
/** A moment in ms. */
export const moment = z.int().min(0);

type Given<T> = { [Key in keyof T as undefined extends T[Key] ? never : Key]: T[Key] } & {
  [Key in keyof T as undefined extends T[Key] ? Key : never]?: Exclude<T[Key], undefined>;
};

/** The entries of an input that were given. */
export function withoutUndefined<T extends object>(value: T): Given<T> {
  return Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined)) as Given<T>;
}

function reasonOf(error: TRPCError): string {
  if (error.cause instanceof EngineError) return error.cause.code;
  if (error.code === 'BAD_REQUEST' || error.code === 'PARSE_ERROR') return 'bad-input';
  return error.code === 'UNAUTHORIZED' ? 'no-session' : 'internal';
}
