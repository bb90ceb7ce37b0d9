import { z } from 'zod';

/** One server that tells the first list of a chain's nodes. */
export interface ChainSeed {
  /** `https://host:port`, or `http://host:port` if it is not verified. */
  readonly url: string;
  /** SHA-256 of the DER of the certificate's public key (SPKI), base64. */
  readonly spki?: string | undefined;
  /** SHA-256 of the certificate's DER, lower-case hex. */
  readonly certificate?: string | undefined;
  /** Whoever answers at this place is believed; for test networks. */
  readonly unverified?: true | undefined;
}

/** The chain that knows a network's nodes, and where to ask for the first list. */
export interface ChainOrigin {
  /** Names the chain: the network's id follows from it alone. */
  readonly id: string;
  readonly seeds: readonly ChainSeed[];
  /** One lab or office: no rules about distinct subnets and private addresses. */
  readonly oneSite: boolean;
}

const MAXIMUM_SEEDS = 8;

const seedUrl = z
  .string()
  .max(300)
  .transform((text, context) => {
    const url = URL.parse(text);
    const isOrigin = url?.pathname === '/' && !url.search && !url.hash && !url.username && !url.password;
    if (url && isOrigin && ['http:', 'https:'].includes(url.protocol)) return url.origin;
    context.addIssue({ code: 'custom', message: 'must be of the form https://host:port' });
    return z.NEVER;
  });

const seed = z
  .strictObject({
    url: seedUrl,
    spki: z
      .string()
      .regex(/^[A-Za-z0-9+/]{43}=$/, 'must be a SHA-256 in base64')
      .optional(),
    certificate: z
      .string()
      .regex(/^[0-9a-fA-F]{64}$/, 'must be a SHA-256 in hex')
      .transform((digits) => digits.toLowerCase())
      .optional(),
    unverified: z.literal(true).optional(),
  })
  .refine(({ spki, certificate, unverified }) => (unverified ? !spki && !certificate : spki && certificate), {
    message: 'must have both spki and certificate, or else say that it is unverified',
  })
  .refine(({ url, unverified }) => unverified || url.startsWith('https://'), {
    path: ['url'],
    message: 'must be https unless it is unverified',
  });

/** Nothing that is not known is passed over here: a misspelt pin must not count as none. */
export const chainSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9.-]{0,63}$/, 'must have 1 to 64 of the characters a-z, 0-9, dot and dash'),
  seeds: z
    .array(seed)
    .min(1)
    .max(MAXIMUM_SEEDS)
    .refine((list) => new Set(list.map(({ url }) => url)).size === list.length, { message: 'must be different' }),
  oneSite: z.boolean().default(false),
});
