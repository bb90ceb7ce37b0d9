import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isPreviewable, makeLinkPreview, type PreviewFetch } from './link-preview.ts';

const signal = new AbortController().signal;

/** A small web: what stands at each address. */
function web(pages: Readonly<Record<string, () => Response>>): PreviewFetch {
  return async (url) => pages[url]?.() ?? new Response('', { status: 404 });
}

const html = (text: string) => () => new Response(text, { headers: { 'content-type': 'text/html; charset=utf-8' } });
const redirect = (location: string) => () => new Response(null, { status: 302, headers: { location } });

test.each([
  ['https://sotto.test/a?b=c#d', true],
  ['https://例え.テスト/', true],
  ['http://sotto.test/', false],
  ['https://sotto/', false],
  ['https://me@sotto.test/', false],
  ['https://sotto..test/', false],
  ['https://sotto.test/<x>', false],
  ['https://sоtto.test/', false],
  ['https://127.0.0.1/', false],
  ['https://sot%74o.test/', false],
  [`https://sotto.test/${'x'.repeat(4096)}`, false],
  ['javascript:alert(1)', false],
])('%s may be previewed: %s', (link, expected) => {
  expect(isPreviewable(link)).toBe(expected);
});

test('title and image are found, through redirects', async () => {
  const image = new Response(Uint8Array.of(1, 2), { headers: { 'content-type': 'image/png' } });
  const fetch = web({
    'https://short.test/1': redirect('https://sotto.test/page'),
    'https://sotto.test/page': html(
      `<title>no</title><meta property="og:title" content="Tom &amp; J&#233;r&#xF4;me"><meta content='/i.png' property='og:image'>`,
    ),
    'https://sotto.test/i.png': () => image,
  });
  expect(await makeLinkPreview('https://short.test/1', fetch, signal)).toEqual({
    url: 'https://short.test/1',
    title: 'Tom & Jérôme',
    image: { bytes: Buffer.of(1, 2), contentType: 'image/png' },
  });
});

test('no preview of what is elsewhere, says nothing, is too large or never ends', async () => {
  const fetch = web({
    'https://a.test/': redirect('http://a.test/'),
    'https://b.test/': redirect('https://b.test/'),
    'https://c.test/': html('<p>nothing'),
    'https://d.test/': () => new Response('{}', { headers: { 'content-type': 'application/json' } }),
    'https://e.test/': html('<title> E </title><meta property="og:image" content="https://e.test/big">'),
    'https://e.test/big': () =>
      new Response(new Uint8Array(1024 * 1024 + 1), { headers: { 'content-type': 'image/png' } }),
    'https://f.test/': html(`${' '.repeat(600_000)}<title>too late</title>`),
    'https://g.test/': redirect('https://127.0.0.1/'),
  });
  for (const host of ['a', 'b', 'c', 'd', 'f', 'g', 'h']) {
    expect(await makeLinkPreview(`https://${host}.test/`, fetch, signal)).toBeNull();
  }
  expect(await makeLinkPreview('https://e.test/', fetch, signal)).toEqual({
    url: 'https://e.test/',
    title: 'E',
    image: null,
  });
  const failing: PreviewFetch = () => Promise.reject(new TypeError('fetch failed'));
  expect(await makeLinkPreview('https://a.test/', failing, signal)).toBeNull();
});

test('whatever a page holds is read or not', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.string(),
        fc.stringMatching(/^(<meta |"|'|content=|property=og:title|>|&#?x?[0-9a-f]*;|<title>){0,12}$/),
      ),
      async (text) => {
        const preview = await makeLinkPreview('https://a.test/', web({ 'https://a.test/': html(text) }), signal);
        expect(preview?.title ?? '').not.toMatch(/[\n\r]/);
      },
    ),
  );
});

test('a page made to keep us busy does not', async () => {
  for (const piece of ['<title', '<meta a', '<title>', '<meta property="', 'content = ']) {
    const page = `<html>${piece.repeat(Math.floor(500_000 / piece.length))}`;
    const before = process.threadCpuUsage();
    expect(await makeLinkPreview('https://a.test/', web({ 'https://a.test/': html(page) }), signal)).toBeNull();
    expect(process.threadCpuUsage(before).user / 1000).toBeLessThan(500);
  }
});
