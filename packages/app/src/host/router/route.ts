import { call, group, id } from './call.ts';

/** The private route and the network it leads through. */
export const route = group({
  get: call.input(id.optional()).query(({ ctx, input }) => ctx.messenger.engine().route(input)),
});
