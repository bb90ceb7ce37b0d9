import type { Dict } from '../values/index.ts';
import type { AccessorOf, Clock, Editable, Section } from './section.ts';

type Sections = Readonly<Record<string, Section<unknown>>>;

/** A type of config: where it is kept, and what it says. */
export interface ConfigDescription<S extends Sections = Sections> {
  readonly name: string;
  /** Of the account's swarm; `null` for what never leaves the device. */
  readonly namespace: number | null;
  /** Number in the wrapping for old clients, 1–4 (config §1); `null` for configs that are not wrapped. */
  readonly kind: number | null;
  readonly sections: S;
  /** What the config says without what is too old to be pushed. `now` is ms since 1970. */
  prune(data: Dict, now: number): Dict;
}

/** The accessors of a description, by the names of its sections. */
export type Accessors<S> = { readonly [K in keyof S]: AccessorOf<S[K]> };

/** Describes a type of config. */
export function describeConfig<const S extends Sections>(
  description: Omit<ConfigDescription<S>, 'prune'> & Partial<Pick<ConfigDescription<S>, 'prune'>>,
): ConfigDescription<S> {
  return { prune: (data) => data, ...description };
}

/**
 * How programs read and change a config. `clock` gives ms since 1970: with it, changes are dated and judged by their age
 * as the chapter says for writers of 2026; without it nothing is, as by writers from before 2025.
 */
export function accessors<S extends Sections>(
  description: ConfigDescription<S>,
  config: Editable,
  clock: Clock,
): Accessors<S> {
  const opened = Object.entries(description.sections).map(([name, section]) => [name, section.open(config, clock)]);
  return Object.fromEntries(opened) as Accessors<S>;
}
