/** A decoded bt value: integers are bigints, strings are bytes (node-network §2). */
export type BtValue = bigint | Uint8Array | BtValue[] | BtDict;

/** A decoded dict in ascending key order; a key is the latin1 text of its bytes. */
export type BtDict = Map<string, BtValue>;

/**
 * What can be encoded. Text values become UTF-8, booleans 1 or 0, numbers must be safe integers.
 * Dict keys are latin1 text; entries whose value is `undefined` are left out.
 */
export type BtInput =
  | number
  | bigint
  | boolean
  | string
  | Uint8Array
  | readonly BtInput[]
  | { readonly [key: string]: BtInput | undefined }
  | ReadonlyMap<string, BtInput>;

/** How deep lists and dicts may nest; payloads of the network nest at most 5 deep. */
export const MAXIMUM_DEPTH = 64;

export const MINIMUM_INTEGER = -(2n ** 63n);
export const MAXIMUM_INTEGER = 2n ** 64n - 1n;
