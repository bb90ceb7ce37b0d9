import { type Piece, parseText } from './parse-text.ts';
import { useNameOf } from './use-name-of.ts';

/** A message's text without marks of emphasis, with names for mentions, for a line of the list. */
export function usePlainText(): (text: string) => string {
  const nameOf = useNameOf();
  const plain = (pieces: readonly Piece[]): string =>
    pieces
      .map((piece) => {
        if ('pieces' in piece) return plain(piece.pieces);
        return piece.kind === 'mention' ? `@${nameOf(piece.id)}` : piece.text;
      })
      .join('');
  return (text) => plain(parseText(text));
}
