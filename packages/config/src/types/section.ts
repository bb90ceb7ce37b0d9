import type { Dict } from '../values/index.ts';
import type { FieldRow } from './field.ts';

/** What accessors need of a config: to read and to edit it. */
export interface Editable {
  readonly data: Dict;
  edit(change: (data: Dict) => Dict): boolean;
}

/** The time in ms since 1970; `null` where nothing is to be dated or judged by its age. */
export type Clock = (() => number) | null;

/** A part of a config: what it says, and how programs get at it. */
export interface Section<Accessor> {
  /** Where it lies, in words of the table. */
  readonly path: string;
  readonly rows: readonly FieldRow[];
  open(config: Editable, clock: Clock): Accessor;
}

/** What a section gives to programs. */
export type AccessorOf<S> = S extends Section<infer Accessor> ? Accessor : never;
