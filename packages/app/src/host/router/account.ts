import { z } from 'zod';
import { checkPhrase } from '../phrase-check.ts';
import { call, group } from './call.ts';
import { proxy } from './proxy.ts';

const name = z.string().max(400);
const phrase = z.string().max(2_000);
const passphrase = z.string().min(1).max(1_000);
/** The way of the first connection; what is left out would be a way around a proxy. */
const way = proxy.nullable();

/** The account of this profile: how it begins, what others see of it, what guards it. */
export const account = group({
  get: call.query(({ ctx }) => ctx.messenger.engine().account()),
  create: call
    .input(z.object({ name, proxy: way }))
    .mutation(({ ctx, input }) => ctx.messenger.create(input.name, input.proxy)),
  checkPhrase: call.input(z.object({ phrase })).mutation(({ input }) => checkPhrase(input.phrase)),
  restore: call
    .input(z.object({ phrase, name, proxy: way }))
    .mutation(({ ctx, input }) => ctx.messenger.restore(input.phrase, input.name, input.proxy)),
  unlock: call.input(z.object({ passphrase })).mutation(({ ctx, input }) => ctx.messenger.unlock(input.passphrase)),
  setName: call.input(z.object({ name })).mutation(({ ctx, input }) => {
    ctx.messenger.engine().setName(input.name);
    ctx.messenger.announceAccount();
  }),
  /** What was repaired at the start, until the person has been told of it. */
  repair: call.query(({ ctx }) => ctx.messenger.engine().repair()),
  dismissRepair: call.mutation(({ ctx }) => {
    ctx.messenger.engine().dismissRepair();
    ctx.messenger.announceAccount();
  }),
  /** A picture is set by HTTP (`files/`). */
  removePicture: call.mutation(({ ctx }) => ctx.messenger.engine().setPicture(null)),
  /** A command and not a query, so that nothing on the way remembers the answer. */
  revealPhrase: call.mutation(({ ctx }) => ctx.messenger.engine().recoveryPhrase()),
  setPassphrase: call
    .input(z.object({ current: passphrase.nullable(), next: passphrase.nullable() }))
    .mutation(({ ctx, input }) => ctx.messenger.setPassphrase(input.current, input.next)),
});
