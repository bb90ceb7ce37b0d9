import { z } from 'zod';
import { withoutUndefined } from './call.ts';

/** A proxy as the page gives it; whether there can be such a one the engine decides. */
export const proxy = z
  .object({
    kind: z.enum(['socks5', 'http']),
    host: z.string().min(1).max(253),
    port: z.int().min(1).max(65_535),
    username: z.string().max(255).optional(),
    password: z.string().max(255).optional(),
  })
  .transform(withoutUndefined);
