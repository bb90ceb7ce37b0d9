import { z } from 'zod';

/** Where an authority tells how it and the network are. */
export const STATUS_PATH = '/status/v1';

const key = z.string().regex(/^[0-9a-f]{64}$/);
const deciding = z.object({
  authorities: z.array(z.object({ key, urls: z.array(z.string()) })),
  threshold: z.int(),
});

/**
 * What an authority says about itself and the network, for displays; all of it is public, none of it is signed
 * (docs/protocol/directory.md §8.6).
 */
export const statusSchema = z.object({
  authority: key,
  /** Of the newest directory; 0 before the first. */
  epoch: z.int(),
  /** Of the newest directory, ms since 1970. */
  validFrom: z.int(),
  deciding,
  successions: z.int(),
  /** A change of who decides that this authority agrees to. */
  proposal: deciding.extend({ number: z.int() }).nullable(),
  /** The last round in which it took part. */
  round: z
    .object({
      epoch: z.int(),
      result: z.enum(['published', 'refused', 'too-few-votes', 'no-agreement', 'abandoned']),
      voters: z.array(key),
      signers: z.array(key),
    })
    .nullable(),
  nodes: z.array(z.object({ key, address: z.string(), reachable: z.boolean(), listed: z.boolean() })),
  /** Authorities that contradicted themselves. */
  evidence: z.array(z.object({ authority: z.string(), epoch: z.int(), what: z.enum(['votes', 'results']) })),
});

export type AuthorityStatus = z.output<typeof statusSchema>;
