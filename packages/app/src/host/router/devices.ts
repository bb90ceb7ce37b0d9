import { call, group } from './call.ts';

/** What is known of the devices of this account. */
export const devices = group({
  get: call.query(({ ctx }) => ctx.messenger.engine().devices()),
});
