/**
 * Words as people type them, as an expression of FTS5: all must occur, the last one as a beginning. Nothing in them is an
 * operator. A word of a script without spaces is looked for as the signs that it consists of, side by side.
 * @param isWord whether the index would find anything in it. @returns `null` if nothing can be looked for.
 */
export function matchExpression(text: string, isWord: (part: string) => boolean): string | null {
  const parts = text.normalize('NFC').replaceAll('\0', ' ').split(/\s+/u).filter(isWord);
  if (parts.length === 0) return null;
  return parts
    .map((part, index) => `"${part.replaceAll('"', '""')}"${index === parts.length - 1 ? '*' : ''}`)
    .join(' ');
}
