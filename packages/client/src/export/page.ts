import { createHash } from 'node:crypto';
import type { Attachment, Message, MessageKind } from '../engine.ts';
import type { ExportedName } from './file-name.ts';

/** A file of a message, as far as it was written; `null`: it is not on this device. */
export interface ShownFile {
  readonly attachment: Attachment;
  readonly name: ExportedName | null;
}

/** What the page says of the conversation. */
export interface PageFacts {
  readonly title: string;
  /** When it was written, ms. */
  readonly at: number;
  /** What to call an account. */
  readonly nameOf: (accountId: string) => string;
}

/** Where the files lie, seen from the page. */
export const MEDIA_FOLDER = 'media';

const STYLE = `
  :root { color-scheme: light dark; --soft: color-mix(in srgb, currentColor 60%, transparent); }
  body { max-width: 44rem; margin: 2rem auto; padding: 0 1rem; font: 16px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
  h2 { margin: 2rem 0 .5rem; font-size: .875rem; color: var(--soft); text-align: center; }
  article { margin: .5rem 0; padding: .5rem .75rem; border-radius: .75rem; background: color-mix(in srgb, currentColor 6%, transparent); }
  article.out { margin-inline-start: 3rem; background: color-mix(in srgb, #3b82f6 18%, transparent); }
  article.in { margin-inline-end: 3rem; }
  article.notice { background: none; text-align: center; color: var(--soft); }
  header { font-size: .8125rem; color: var(--soft); }
  .body { margin: 0; white-space: pre-wrap; }
  blockquote { margin: .25rem 0; padding-inline-start: .5rem; border-inline-start: 3px solid var(--soft); color: var(--soft); white-space: pre-wrap; }
  img, video { display: block; max-width: 100%; max-height: 30rem; border-radius: .5rem; }
  audio { width: 100%; }
  .warning { padding: .75rem; border: 1px solid currentColor; border-radius: .75rem; }`;
/** No script, no connection, nothing but this style and the files beside it. */
const POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; img-src 'self' file:; media-src 'self' file:; base-uri 'none'; form-action 'none'`;

const DAY = new Intl.DateTimeFormat('en', { dateStyle: 'full' });
const TIME = new Intl.DateTimeFormat('en', { timeStyle: 'short' });
const MOMENT = new Intl.DateTimeFormat('en', { dateStyle: 'long', timeStyle: 'short' });

const NOTICES: Readonly<Record<Exclude<MessageKind, 'message' | 'community-invitation'>, string>> = {
  'missed-call': 'Missed call',
  'timer-changed': 'Changed the setting for disappearing messages',
  'screenshot-taken': 'Took a screenshot',
  'media-saved': 'Saved a file',
  'request-accepted': 'Accepted the message request',
};

/** The beginning of the page. */
export function pageHead({ title, at }: PageFacts): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1 dir="auto">${escaped(title)}</h1>
<p>Written by Sotto on ${MOMENT.format(at)}.</p>
<p class="warning">This page and the files beside it are not encrypted. Whoever can read this folder can read the conversation. Messages that disappear are not in it.</p>
<main>
`;
}

/** The end of the page. */
export const PAGE_FOOT = '</main>\n</body>\n</html>\n';

/** The line above the first message of a day; empty if it is the day of the message before it. */
export function dayHeading(sentAt: number, previous: number | null): string {
  const day = DAY.format(sentAt);
  return previous !== null && DAY.format(previous) === day ? '' : `<h2>${day}</h2>\n`;
}

/** One message. `hidesQuote`: it answers one that disappears. */
export function messageSection(
  message: Message,
  files: readonly ShownFile[],
  hidesQuote: boolean,
  { nameOf }: PageFacts,
): string {
  const author = escaped(nameOf(message.author));
  const time = `<time datetime="${new Date(message.sentAt).toISOString()}">${TIME.format(message.sentAt)}</time>`;
  const notice = noticeOf(message);
  if (notice !== null) {
    return `<article class="notice"><bdi>${author}</bdi>: ${escaped(notice)} · ${time}</article>\n`;
  }
  const marks = [message.edited && 'edited', message.delivery === 'failed' && 'not sent'].filter(Boolean);
  const parts = [
    `<header><bdi>${author}</bdi> · ${[time, ...marks].join(' · ')}</header>`,
    hidesQuote ? '' : quoteOf(message, nameOf),
    message.deleted ? '<p class="body"><em>This message was deleted.</em></p>' : '',
    message.body === '' ? '' : `<p class="body" dir="auto">${escaped(message.body)}</p>`,
    ...files.map(fileOf),
    message.preview ? `<p>${escaped(message.preview.title ?? '')} ${escaped(message.preview.url)}</p>` : '',
    reactionsOf(message, nameOf),
  ];
  return `<article class="${message.direction}">${parts.join('')}</article>\n`;
}

function noticeOf({ kind, invitation }: Message): string | null {
  if (kind === 'message') return null;
  if (kind === 'community-invitation') return `Invitation to ${invitation?.name ?? ''} (${invitation?.url ?? ''})`;
  return NOTICES[kind];
}

function quoteOf({ quote }: Message, nameOf: (accountId: string) => string): string {
  if (!quote) return '';
  const text = quote.body === null ? 'A message that is not here' : quote.body === '' ? 'A file' : quote.body;
  return `<blockquote dir="auto"><bdi>${escaped(nameOf(quote.author))}</bdi>: ${escaped(text)}</blockquote>`;
}

function fileOf({ attachment, name }: ShownFile): string {
  const title = escaped(attachment.fileName ?? attachment.contentType);
  const caption = attachment.caption ? `<p class="body" dir="auto">${escaped(attachment.caption)}</p>` : '';
  if (name === null) return `<p>File that is not on this device: <bdi>${title}</bdi></p>${caption}`;
  const place = escaped(`${MEDIA_FOLDER}/${encodeURIComponent(name.name)}`);
  switch (name.shownAs) {
    case 'image':
      return `<a href="${place}"><img src="${place}" alt="${title}" loading="lazy"></a>${caption}`;
    case 'audio':
      return `<audio src="${place}" controls preload="none"></audio>${caption}`;
    case 'video':
      return `<video src="${place}" controls preload="none"></video>${caption}`;
    case 'link':
      return `<p><a href="${place}" download>${title}</a> (${attachment.size.toLocaleString('en')} bytes)</p>${caption}`;
  }
}

function reactionsOf({ reactions }: Message, nameOf: (accountId: string) => string): string {
  const shown = reactions.map(
    ({ emoji, authors }) =>
      `${escaped(emoji)} <bdi>${authors.map((author) => escaped(nameOf(author))).join(', ')}</bdi>`,
  );
  return shown.length === 0 ? '' : `<p>${shown.join(' · ')}</p>`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text that means nothing to a browser, wherever it stands; what browsers refuse in a page is shown as such. */
function escaped(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[^\P{Cc}\t\n\r]/gu, '\u{FFFD}')
    .replaceAll(/[&<>"']/g, (sign) => ESCAPES[sign]!);
}
