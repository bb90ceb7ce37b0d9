/** Somebody who can be mentioned, as the composer writes them. */
export interface Mentionable {
  readonly id: string;
  readonly name: string;
}

/** What is being typed after an `@` before the cursor: where it begins and the letters so far; `null` if nothing is. */
export function mentionAt(text: string, cursor: number): { readonly start: number; readonly typed: string } | null {
  const match = /(?:^|[\s([{"'])@([^\s@]{0,40})$/.exec(text.slice(0, cursor));
  return match === null ? null : { start: cursor - match[1]!.length - 1, typed: match[1]! };
}

/** A text as it is sent: names that were picked become the ids of their accounts (messages §5.2). */
export function withIds(text: string, picked: readonly Mentionable[]): string {
  // A name that begins with another one goes first.
  const longestFirst = picked.toSorted((a, b) => b.name.length - a.name.length);
  return longestFirst.reduce((sofar, { id, name }) => sofar.replaceAll(`@${name}`, `@${id}`), text);
}

/** A text as it is written: ids of known accounts become their names. Gives those that occur, too. */
export function withNames(text: string, people: readonly Mentionable[]): { text: string; picked: Mentionable[] } {
  const picked = people.filter(({ id }) => text.includes(`@${id}`));
  return { text: picked.reduce((sofar, { id, name }) => sofar.replaceAll(`@${id}`, `@${name}`), text), picked };
}
