import type { BtDict, BtValue } from '@sotto/wire/bt';
import { z } from 'zod';
import { DirectoryError } from './errors.ts';

/** How a node gets into a network: by itself, with an authority's one-use code, or by an authority's own list. */
export type JoinRule = 'open' | 'invite' | 'listed';

/** What a network decides about itself; in its network file at first, and in every directory from then on. */
export interface NetworkParameters {
  /** Nodes that a swarm must have (node-network §8 "minimum"). */
  readonly swarmMin: number;
  /** Nodes that a new swarm gets ("ideal"). */
  readonly swarmIdeal: number;
  /** Spare nodes beyond the ideal that each swarm needs before another one is made ("margin"). */
  readonly swarmMargin: number;
  /** Relays between a client and a destination. */
  readonly relays: number;
  readonly join: JoinRule;
  /** One lab or office: no rules about distinct subnets and private addresses. */
  readonly oneSite: boolean;
}

export const parametersSchema = z
  .object({
    swarmMin: z.int().min(1).max(100),
    swarmIdeal: z.int().min(1).max(100),
    swarmMargin: z.int().min(0).max(100).default(2),
    relays: z.int().min(1).max(14),
    join: z.enum(['open', 'invite', 'listed']),
    oneSite: z.boolean().default(false),
  })
  .refine((parameters) => parameters.swarmIdeal >= parameters.swarmMin, {
    path: ['swarmIdeal'],
    message: 'must not be less than swarmMin',
  });

/**
 * Reads the dict `p` of a directory; absent keys have the defaults of the network file, and keys that are not known
 * are ignored, so that a later version can add some.
 * @throws DirectoryError `encoding` for a missing or wrong value.
 */
export function parametersFromBt(dict: BtDict): NetworkParameters {
  const plain = Object.fromEntries(
    Object.keys(parametersSchema.shape).map((key) => [key, plainValue(key, dict.get(key))]),
  );
  const parsed = parametersSchema.safeParse(plain);
  if (!parsed.success) throw new DirectoryError('encoding', `directory parameters: ${issueText(parsed.error)}`);
  return parsed.data;
}

/** The first complaint of a zod error as `path: what`; never the refused value itself. */
export function issueText(error: z.ZodError): string {
  const issue = error.issues[0]!;
  return `${issue.path.join('.') || 'value'}: ${issue.message}`;
}

/** What bt cannot tell apart from other types by itself: booleans are 0 and 1, texts are bytes. */
function plainValue(key: string, value: BtValue | undefined): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('latin1');
  if (typeof value !== 'bigint') return value;
  if (key === 'oneSite' && value <= 1n) return value === 1n;
  return Number(value);
}
