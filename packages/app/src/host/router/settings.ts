import { z } from 'zod';
import { call, group, withoutUndefined } from './call.ts';

const proxy = z.object({
  kind: z.enum(['socks5', 'http']),
  host: z.string().min(1).max(253),
  port: z.int().min(1).max(65_535),
  username: z.string().max(255).optional(),
  password: z.string().max(255).optional(),
});

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
        proxy: proxy.transform(withoutUndefined).nullable().optional(),
      }),
    )
    .mutation(({ ctx, input }) => {
      ctx.messenger.engine().setSettings(withoutUndefined(input));
      ctx.messenger.announceAccount();
    }),
});
