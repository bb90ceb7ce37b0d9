/** A piece of a message as it is shown. What was sent stays as it is: marks of emphasis are only left out on display. */
export type Piece =
  | { readonly kind: 'text' | 'code' | 'block'; readonly text: string }
  | { readonly kind: 'link'; readonly href: string; readonly text: string }
  | { readonly kind: 'mention'; readonly id: string }
  | { readonly kind: 'strong' | 'emphasis' | 'struck'; readonly pieces: readonly Piece[] };

/** Emphasis within emphasis goes no deeper. */
const DEEPEST = 3;
const EMPHASIS = {
  '*': 'strong',
  '**': 'strong',
  _: 'emphasis',
  __: 'emphasis',
  '~': 'struck',
  '~~': 'struck',
} as const;

const BLOCK = /```(?:[\w+#.-]{0,20}\n)?(?<block>[\s\S]+?)\n?```/;
const CODE = /`(?<code>[^`\n]+)`/;
const LINK = /(?<link>https?:\/\/[^\s<>"'`]*[^\s<>"'`.,;:!?)\]}»”’*_~])/i;
/** (messages §5.2) */
const MENTION = /@(?<mention>(?:[012]5)?[0-9a-fA-F]{64})(?![0-9a-fA-F])/;
/** Marks stand at the edges of words, so that `snake_case` and `2*3*4` stay as they are. */
const EMPHASIZED =
  /(?<![\p{L}\p{N}*_~])(?<mark>\*\*?|__?|~~?)(?=[^\s*_~])(?<inner>[^\n]{1,500}?)(?<=[^\s*_~])\k<mark>(?![\p{L}\p{N}*_~])/u;
const TOKENS = new RegExp([BLOCK, CODE, LINK, MENTION, EMPHASIZED].map(({ source }) => source).join('|'), 'giu');

/** Splits a message into what is shown of it: web addresses, mentions (messages §5.2), code and simple emphasis. */
export function parseText(text: string, depth = 0): readonly Piece[] {
  const pieces: Piece[] = [];
  let end = 0;
  for (const match of text.matchAll(TOKENS)) {
    const piece = pieceOf(match.groups ?? {}, depth);
    if (piece === null) continue;
    if (match.index > end) pieces.push({ kind: 'text', text: text.slice(end, match.index) });
    pieces.push(piece);
    end = match.index + match[0].length;
  }
  if (end < text.length) pieces.push({ kind: 'text', text: text.slice(end) });
  return pieces;
}

function pieceOf(groups: Readonly<Record<string, string | undefined>>, depth: number): Piece | null {
  const { block, code, link, mention, mark, inner } = groups;
  if (block !== undefined) return { kind: 'block', text: block };
  if (code !== undefined) return { kind: 'code', text: code };
  if (link !== undefined) return URL.canParse(link) ? { kind: 'link', href: new URL(link).href, text: link } : null;
  if (mention !== undefined) return { kind: 'mention', id: mention.toLowerCase() };
  if (depth >= DEEPEST || inner === undefined) return null;
  return { kind: EMPHASIS[mark as keyof typeof EMPHASIS], pieces: parseText(inner, depth + 1) };
}

/**
 * The host that a link really leads to, where its text could be read as another one: letters of other scripts, or a name
 * before an `@`. `null` if the text says it.
 */
export function disguisedHost(href: string, text: string): string | null {
  const { host, username } = new URL(href);
  const said = /^https?:\/\/([^/?#]*)/i.exec(text)?.[1]?.toLowerCase();
  return username === '' && said?.replace(/:(80|443)$/, '') === host ? null : host;
}
