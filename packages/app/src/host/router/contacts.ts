import { z } from 'zod';
import { call, group, withoutUndefined } from './call.ts';

const accountId = z.string().max(200);
const link = z.string().max(1_000);

/** People we know, and how to get to know them. */
export const contacts = group({
  list: call.query(({ ctx }) => ctx.messenger.engine().contacts()),
  setBlocked: call
    .input(z.object({ accountId, blocked: z.boolean() }))
    .mutation(({ ctx, input }) => ctx.messenger.engine().setBlocked(input.accountId, input.blocked)),
  setNickname: call
    .input(z.object({ accountId, nickname: z.string().max(400).nullable() }))
    .mutation(({ ctx, input }) => ctx.messenger.engine().setNickname(input.accountId, input.nickname)),
  remove: call
    .input(z.object({ accountId }))
    .mutation(({ ctx, input }) => ctx.messenger.engine().removeContact(input.accountId)),
  createLink: call
    .input(z.object({ validForMs: z.int().min(1).optional() }))
    .mutation(({ ctx, input }) => ctx.messenger.engine().createContactLink(withoutUndefined(input))),
  openLink: call
    .input(z.object({ link }))
    .mutation(({ ctx, input }) => ctx.messenger.engine().openContactLink(input.link)),
  resolveName: call
    .input(z.object({ name: z.string().max(300) }))
    .mutation(({ ctx, input }) => ctx.messenger.engine().resolveName(input.name)),
});
