import { isIP } from 'node:net';

/** (messages §5.5) */
const LONGEST_URL = 4096;
const LONGEST_HOST = 2048;
const MOST_REDIRECTS = 20;
const MOST_HTML_BYTES = 500 * 1024;
const MOST_IMAGE_BYTES = 1024 * 1024;
const LONGEST_TITLE = 300;
const IMAGE_TYPES = new Set([
  'image/gif',
  'image/x-icon',
  'image/vnd.microsoft.icon',
  'image/jpeg',
  'image/png',
  'image/webp',
]);
/** The characters of a path that RFC 3986 knows. */
const PATH = /^[A-Za-z0-9\-._~!$&'()*+,;=:@%/?#[\]]*$/;

/** How a page is fetched; `fetch` of the platform does. Redirects are followed here. */
export type PreviewFetch = (
  url: string,
  init: { readonly redirect: 'manual'; readonly signal: AbortSignal },
) => Promise<Response>;

/** What is shown of a page. At least one of title and image is there. */
export interface FetchedPreview {
  readonly url: string;
  readonly title: string | null;
  readonly image: { readonly bytes: Uint8Array; readonly contentType: string } | null;
}

/** Whether a link may be previewed at all (messages §5.5). */
export function isPreviewable(link: string): boolean {
  if (link.length > LONGEST_URL || !URL.canParse(link)) return false;
  const { protocol, username, password, hostname } = new URL(link);
  const given = /^https:\/\/([^/?#:]+)/i.exec(link);
  if (protocol !== 'https:' || username !== '' || password !== '' || !given) return false;
  const host = given[1]!;
  const labels = host.split('.');
  const isHost =
    host.length <= LONGEST_HOST && !host.includes('%') && labels.length >= 2 && labels.every((label) => label !== '');
  const isMixed = /[!-\-/-~]/.test(host) && /[^!-~]/.test(host);
  // Addresses would let a link look into the network of whoever makes the preview.
  return isHost && !isMixed && isIP(hostname) === 0 && PATH.test(link.slice(given[0].length));
}

/**
 * Fetches what is needed to preview a link, directly from its site: that shows the site the address of this machine, so
 * the person must have chosen it. @returns `null` if the link may not be previewed or its page says nothing.
 */
export async function makeLinkPreview(
  link: string,
  fetch: PreviewFetch,
  signal: AbortSignal,
): Promise<FetchedPreview | null> {
  try {
    const page = await get(link, fetch, signal);
    if (!page || !isType(page, (type) => type === 'text/html')) return null;
    const html = await read(page.response, MOST_HTML_BYTES, 'cut');
    if (!html) return null;
    const text = new TextDecoder().decode(html);
    const title = titleOf(text);
    const image = await imageOf(text, page.url, fetch, signal);
    return title === null && image === null ? null : { url: link, title, image };
  } catch (error) {
    if (signal.aborted) throw error;
    return null;
  }
}

interface Page {
  readonly url: string;
  readonly response: Response;
}

async function get(link: string, fetch: PreviewFetch, signal: AbortSignal): Promise<Page | null> {
  let url = link;
  for (let hop = 0; hop <= MOST_REDIRECTS && isPreviewable(url); hop++) {
    const response = await fetch(url, { redirect: 'manual', signal });
    if (response.status === 200) return { url, response };
    const location = response.headers.get('location');
    await response.body?.cancel();
    if (response.status < 300 || response.status > 399 || location === null || !URL.canParse(location, url))
      return null;
    url = new URL(location, url).href;
  }
  return null;
}

function isType({ response }: Page, isWanted: (type: string) => boolean): boolean {
  return isWanted((response.headers.get('content-type') ?? '').split(';')[0]!.trim().toLowerCase());
}

/** The body, or its beginning; `null` if it is too long and must not be cut. */
async function read(response: Response, most: number, ifLonger: 'cut' | 'refuse'): Promise<Uint8Array | null> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of response.body ?? []) {
    pieces.push(piece);
    size += piece.length;
    if (size > most) break;
  }
  if (size > most && ifLonger === 'refuse') return null;
  return Buffer.concat(pieces).subarray(0, most);
}

async function imageOf(
  html: string,
  base: string,
  fetch: PreviewFetch,
  signal: AbortSignal,
): Promise<FetchedPreview['image']> {
  const address = metaOf(html, 'og:image');
  if (address === null || !URL.canParse(address, base)) return null;
  const page = await get(new URL(address, base).href, fetch, signal);
  if (!page || !isType(page, (type) => IMAGE_TYPES.has(type))) return null;
  const bytes = await read(page.response, MOST_IMAGE_BYTES, 'refuse');
  const contentType = page.response.headers.get('content-type')!.split(';')[0]!.trim().toLowerCase();
  return bytes && bytes.length > 0 ? { bytes, contentType } : null;
}

function titleOf(html: string): string | null {
  const title = metaOf(html, 'og:title') ?? /<title[^<>]*>([^<]{1,4000})<\/title/i.exec(html)?.[1];
  const clean = unescapeHtml(title ?? '')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, LONGEST_TITLE);
  return clean === '' ? null : clean;
}

/** No part of a page is looked at twice, however it is made: a tag ends where the next one begins. */
function metaOf(html: string, property: string): string | null {
  for (const [tag] of html.matchAll(/<meta\s[^<>]{1,8000}>/gi)) {
    const name = /(?:property|name)\s*=\s*["']([^"']*)["']/i.exec(tag)?.[1];
    const content = /content\s*=\s*(?:"([^"]*)"|'([^']*)')/i.exec(tag);
    if (name?.toLowerCase() === property && content) return unescapeHtml(content[1] ?? content[2] ?? '');
  }
  return null;
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' };

function unescapeHtml(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{2,6}));/gi, (whole, decimal, hex, name) => {
    const code = decimal ? Number(decimal) : hex ? Number.parseInt(hex, 16) : null;
    if (code !== null) return code <= 0x10ffff && (code < 0xd800 || code > 0xdfff) ? String.fromCodePoint(code) : whole;
    return ENTITIES[String(name).toLowerCase()] ?? whole;
  });
}
