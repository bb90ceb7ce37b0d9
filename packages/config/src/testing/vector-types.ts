/** A case of `config.json` or `config-merge.json`. */
export interface VectorCase {
  readonly name: string;
  readonly kind: string;
  readonly now_ms?: number;
  readonly items?: readonly Item[];
  readonly steps?: readonly Step[];
}

/** What a step or an item holds depends on its kind; the checks know. */
// biome-ignore lint/suspicious/noExplicitAny: data of the vector files
export type Step = Readonly<Record<string, any>> & { readonly op: string; readonly expect: Item };
// biome-ignore lint/suspicious/noExplicitAny: data of the vector files
export type Item = Readonly<Record<string, any>>;

/** Seconds that no test depends on, for cases without a clock of their own. */
export const ANY_TIME = 1_790_000_000_000;

/** A path of the vectors: keys are text, or binary after `hex:`. */
export function pathOf(path: readonly string[]): string[] {
  return path.map((key) =>
    (key.startsWith('hex:') ? Buffer.from(key.slice('hex:'.length), 'hex') : Buffer.from(key)).toString('latin1'),
  );
}
