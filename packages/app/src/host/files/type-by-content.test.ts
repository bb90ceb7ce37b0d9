import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { samplePng, sampleWav } from '../../testing/sample-files.ts';
import { typeByContent } from './type-by-content.ts';

const ascii = (text: string) => Buffer.from(text, 'latin1');

describe('what a file is by its content', () => {
  test.each([
    ['a JPEG', Buffer.from('ffd8ffe0', 'hex'), '', 'image/jpeg'],
    ['a PNG', samplePng(2, 2, [1, 2, 3]), 'text/html', 'image/png'],
    ['a GIF', ascii('GIF89a......'), '', 'image/gif'],
    ['a WebP', ascii('RIFF\0\0\0\0WEBPVP8 '), '', 'image/webp'],
    ['an AVIF', ascii('\0\0\0\x1cftypavif'), '', 'image/avif'],
    ['a HEIC', ascii('\0\0\0\x1cftypheic'), 'image/heic', null],
    ['an MP4', ascii('\0\0\0\x1cftypisom'), 'video/mp4', 'video/mp4'],
    ['an MP4 that is called sound', ascii('\0\0\0\x1cftypisom'), 'audio/mp4', 'audio/mp4'],
    ['an M4A', ascii('\0\0\0\x1cftypM4A '), '', 'audio/mp4'],
    ['a WebM', Buffer.from('1a45dfa3', 'hex'), '', 'video/webm'],
    ['a voice message', Buffer.from('1a45dfa3', 'hex'), 'audio/', 'audio/webm'],
    ['an Ogg', ascii('OggS'), '', 'audio/ogg'],
    ['a WAV', sampleWav(0.01), '', 'audio/wav'],
    ['an MP3 with a title', ascii('ID3'), '', 'audio/mpeg'],
    ['an MP3', Buffer.from('fffb90', 'hex'), '', 'audio/mpeg'],
    ['an AAC', Buffer.from('fff150', 'hex'), '', 'audio/aac'],
    ['a page that says it is a picture', ascii('<html><script>'), 'image/png', null],
    ['an SVG', ascii('<svg xmlns='), 'image/svg+xml', null],
    ['a PDF', ascii('%PDF-1.7'), 'application/pdf', null],
    ['nothing', Buffer.alloc(0), 'image/png', null],
  ])('%s', (_name, bytes, claimed, expected) => expect(typeByContent(bytes, claimed)).toBe(expected));

  test('nothing that a browser could run is ever shown', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.string(), (bytes, claimed) => {
        expect(typeByContent(bytes, claimed) ?? 'image/').toMatch(/^(image|audio|video)\/(?!svg)/);
      }),
    );
  });
});
