import { z } from 'zod';
import { call, group, withoutUndefined } from './call.ts';
import { proxy } from './proxy.ts';

/** Settings of this profile. */
export const settings = group({
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
        readReceipts: z.boolean().optional(),
        typingIndicators: z.boolean().optional(),
        linkPreviews: z.boolean().optional(),
        notifications: z.boolean().optional(),
        notificationContent: z.enum(['name-and-text', 'name', 'nothing']).optional(),
        proxy: proxy.nullable().optional(),
      }),
    )
    .mutation(({ ctx, input }) => {
      ctx.messenger.engine().setSettings(withoutUndefined(input));
      ctx.messenger.announceAccount();
    }),
});
