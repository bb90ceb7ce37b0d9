import { EngineError } from '@sotto/client';
import { initTRPC, type TRPCError } from '@trpc/server';
import { z } from 'zod';
import type { AppChange, Messenger } from './messenger.ts';
import { checkPhrase } from './phrase-check.ts';

/** What a call of the page runs with; made once a connection, after both halves of the session were checked. */
export interface CallContext {
  readonly messenger: Messenger;
}

const trpc = initTRPC.context<CallContext>().create({
  isDev: false,
  errorFormatter: ({ shape, error }) => {
    const reason = reasonOf(error);
    return { ...shape, message: reason, data: { code: shape.data.code, httpStatus: shape.data.httpStatus, reason } };
  },
});
const call = trpc.procedure;

// Bounds keep a broken page from filling memory; what is right or wrong in an input the engine itself decides.
const id = z.string().min(1).max(200);
const name = z.string().max(400);
const phrase = z.string().max(2_000);
const body = z.string().max(40_000);
const passphrase = z.string().min(1).max(1_000);

/**
 * Everything the page can ask for: the engine's own queries and commands, and what comes before there is an engine.
 * Failures cross as a stable word in `data.reason`: an engine error's code, `bad-input` or `internal`.
 */
export const router = trpc.router({
  status: call.query(({ ctx }) => ctx.messenger.status()),

  account: trpc.router({
    get: call.query(({ ctx }) => ctx.messenger.engine().account()),
    create: call.input(z.object({ name })).mutation(({ ctx, input }) => ctx.messenger.create(input.name)),
    checkPhrase: call.input(z.object({ phrase })).mutation(({ input }) => checkPhrase(input.phrase)),
    restore: call
      .input(z.object({ phrase, name }))
      .mutation(({ ctx, input }) => ctx.messenger.restore(input.phrase, input.name)),
    unlock: call.input(z.object({ passphrase })).mutation(({ ctx, input }) => ctx.messenger.unlock(input.passphrase)),
    setName: call.input(z.object({ name })).mutation(({ ctx, input }) => {
      ctx.messenger.engine().setName(input.name);
      ctx.messenger.announceAccount();
    }),
    /** A command and not a query, so that nothing on the way remembers the answer. */
    revealPhrase: call.mutation(({ ctx }) => ctx.messenger.engine().recoveryPhrase()),
    setPassphrase: call
      .input(z.object({ current: passphrase.nullable(), next: passphrase.nullable() }))
      .mutation(({ ctx, input }) => ctx.messenger.setPassphrase(input.current, input.next)),
  }),

  settings: trpc.router({
    get: call.query(({ ctx }) => ctx.messenger.engine().settings()),
    set: call
      .input(
        z.object({
          theme: z.enum(['system', 'light', 'dark']).optional(),
          language: z
            .string()
            .regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/)
            .max(35)
            .optional(),
          phraseConfirmed: z.boolean().optional(),
        }),
      )
      .mutation(({ ctx, input }) => {
        ctx.messenger.engine().setSettings(withoutUndefined(input));
        ctx.messenger.announceAccount();
      }),
  }),

  route: trpc.router({
    get: call.input(id.optional()).query(({ ctx, input }) => ctx.messenger.engine().route(input)),
  }),

  conversations: trpc.router({
    list: call.query(({ ctx }) => ctx.messenger.engine().conversations()),
    get: call.input(z.object({ id })).query(({ ctx, input }) => ctx.messenger.engine().conversation(input.id)),
    open: call
      .input(z.object({ accountId: z.string().max(200) }))
      .mutation(({ ctx, input }) => ctx.messenger.engine().openConversation(input.accountId)),
    markRead: call.input(z.object({ id })).mutation(({ ctx, input }) => ctx.messenger.engine().markRead(input.id)),
  }),

  messages: trpc.router({
    page: call
      .input(
        z.object({
          conversationId: id,
          before: z.string().max(400).optional(),
          limit: z.int().min(1).max(200).optional(),
        }),
      )
      .query(({ ctx, input: { conversationId, ...page } }) =>
        ctx.messenger.engine().messages(conversationId, withoutUndefined(page)),
      ),
    send: call
      .input(z.object({ conversationId: id, body }))
      .mutation(({ ctx, input }) => ctx.messenger.engine().send(input.conversationId, input.body)),
    retry: call
      .input(z.object({ messageId: id }))
      .mutation(({ ctx, input }) => ctx.messenger.engine().retry(input.messageId)),
  }),

  /** Begins with `everything`, so that a page that was away queries all anew. */
  changes: call.subscription(async function* ({ ctx, signal }): AsyncGenerator<AppChange> {
    const changes = ctx.messenger.changes(signal ?? new AbortController().signal);
    yield { kind: 'everything' };
    yield* changes;
  }),
});

/** What the page imports, as a type alone. */
export type AppRouter = typeof router;

function reasonOf(error: TRPCError): string {
  if (error.cause instanceof EngineError) return error.cause.code;
  if (error.code === 'BAD_REQUEST' || error.code === 'PARSE_ERROR') return 'bad-input';
  return error.code === 'UNAUTHORIZED' ? 'no-session' : 'internal';
}

type Given<T> = { [Key in keyof T]?: Exclude<T[Key], undefined> };

function withoutUndefined<T extends object>(value: T): Given<T> {
  return Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined)) as Given<T>;
}
