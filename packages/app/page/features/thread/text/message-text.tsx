import { memo, type ReactNode } from 'react';
import { disguisedHost, type Piece, parseText } from './parse-text.ts';
import { useNameOf } from './use-name-of.ts';

/** A message's text with addresses one can open, names for mentions, code and emphasis. */
export const MessageText = memo(function MessageText({ text }: { text: string }) {
  return <Pieces pieces={parseText(text)} />;
});

function Pieces({ pieces }: { pieces: readonly Piece[] }) {
  // biome-ignore lint/suspicious/noArrayIndexKey: pieces of one text have no other name, and it is shown anew as a whole
  return pieces.map((piece, at) => <One key={at} piece={piece} />);
}

function One({ piece }: { piece: Piece }): ReactNode {
  switch (piece.kind) {
    case 'text':
      return piece.text;
    case 'code':
      return (
        <code className="rounded-[5px] bg-[color-mix(in_srgb,currentColor_12%,transparent)] px-1 font-mono text-[.92em]">
          {piece.text}
        </code>
      );
    case 'block':
      return (
        <code className="my-1 block rounded-s bg-[color-mix(in_srgb,currentColor_12%,transparent)] px-2.5 py-2 font-mono text-[.92em]">
          {piece.text}
        </code>
      );
    case 'link':
      return <Link href={piece.href} text={piece.text} />;
    case 'mention':
      return <Mention id={piece.id} />;
    case 'strong':
      return (
        <strong className="font-[650]">
          <Pieces pieces={piece.pieces} />
        </strong>
      );
    case 'emphasis':
      return (
        <em>
          <Pieces pieces={piece.pieces} />
        </em>
      );
    case 'struck':
      return (
        <s>
          <Pieces pieces={piece.pieces} />
        </s>
      );
  }
}

/** The page that opens learns nothing of where it was linked. */
function Link({ href, text }: { href: string; text: string }) {
  const host = disguisedHost(href, text);
  return (
    <a
      href={href}
      title={new URL(href).host}
      target="_blank"
      rel="noopener noreferrer"
      className="underline decoration-1 underline-offset-2"
    >
      {text}
      {host !== null && <bdi className="font-semibold"> ({host})</bdi>}
    </a>
  );
}

function Mention({ id }: { id: string }) {
  const name = useNameOf()(id);
  return (
    <bdi title={id} className="rounded-[5px] bg-[color-mix(in_srgb,currentColor_14%,transparent)] px-1 font-semibold">
      @{name}
    </bdi>
  );
}
