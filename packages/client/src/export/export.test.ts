import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { alice, bob, Party } from '../testing/party.ts';
import { sampleMessage } from '../testing/sample-message.ts';
import { exportedName } from './file-name.ts';
import { messageSection, pageHead } from './page.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sotto-export-'));
});

afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

test('a conversation becomes a page with its files, and the other side learns that they were saved', async () => {
  const party = new Party();
  const [a, b] = await party.acquainted();
  const file = await b.engine.keepFile(Buffer.from('not a picture'));
  b.engine.send(alice, {
    body: '<script>alert(1)</script>',
    attachments: [{ file, contentType: 'image/png', fileName: '../x.html' }],
  });
  await party.clock.until(() => a.engine.messages(bob).messages.some(({ attachments }) => attachments.length > 0));
  const [attachment] = a.engine.messages(bob).messages.find(({ attachments }) => attachments.length > 0)!.attachments;
  a.engine.downloadAttachment(attachment!.id);
  await party.clock.until(() => a.engine.messages(bob).messages.at(-1)!.attachments[0]!.state === 'here');
  a.engine.setDisappearing(bob, { mode: 'after-send', seconds: 3600 });
  a.engine.send(bob, 'soon gone');
  await party.settle();
  const folder = join(root, 'new', 'export');
  const report = await a.engine.exportConversation(bob, folder);
  expect(report).toMatchObject({ page: join(folder, 'index.html'), files: 1, missingFiles: 0 });
  const page = readFileSync(report.page, 'utf8');
  expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
  expect(page).toContain('media/0001-x.png');
  expect(page).not.toContain('soon gone');
  expect(page.match(/<script/gi)).toBeNull();
  expect(readFileSync(join(folder, 'media', '0001-x.png'), 'utf8')).toBe('not a picture');
  if (process.platform !== 'win32') expect(statSync(report.page).mode & 0o777).toBe(0o600);
  await party.settle();
  expect(b.engine.messages(alice).messages.some(({ kind }) => kind === 'media-saved')).toBe(true);
  await expect(a.engine.exportConversation(bob, folder)).rejects.toMatchObject({ code: 'not-allowed' });
  await expect(a.engine.exportConversation(`05${'77'.repeat(32)}`, join(root, 'x'))).rejects.toMatchObject({
    code: 'not-found',
  });
  expect(readdirSync(root)).toEqual(['new']);
  await party.end();
});

test('files that are not here are named, and a folder that cannot be made is refused', async () => {
  const party = new Party();
  const [a, b] = await party.acquainted();
  const file = await b.engine.keepFile(Buffer.from('text'));
  b.engine.send(alice, { body: '', attachments: [{ file, contentType: 'text/plain', fileName: 'notes.txt' }] });
  await party.clock.until(() => a.engine.messages(bob).messages.some(({ attachments }) => attachments.length > 0));
  mkdirSync(join(root, 'empty'));
  const report = await a.engine.exportConversation(bob, join(root, 'empty'));
  expect(report.missingFiles).toBe(1);
  expect(readFileSync(report.page, 'utf8')).toContain('File that is not on this device: <bdi>notes.txt</bdi>');
  writeFileSync(join(root, 'file'), '');
  await expect(a.engine.exportConversation(bob, join(root, 'file', 'x'))).rejects.toMatchObject({
    code: 'not-allowed',
  });
  expect(existsSync(join(root, 'file'))).toBe(true);
  await party.end();
});

test.each([
  ['holiday photo.JPG', 'image/jpeg', '0007-holiday-photo.jpg', 'image'],
  ['invoice.pdf', 'application/pdf', '0007-invoice.pdf', 'link'],
  ['photo.jpg.exe', 'application/octet-stream', '0007-photo-jpg.exe.file', 'link'],
  ['page.html', 'text/html', '0007-page.html.file', 'link'],
  ['drawing.svg', 'image/svg+xml', '0007-drawing.svg.file', 'link'],
  ['../../etc/passwd', 'text/plain', '0007-etc-passwd.file', 'link'],
  ['gpj\u202eexe.', 'image/jpeg', '0007-gpj-exe.jpg', 'image'],
  [null, 'audio/ogg; codecs=opus', '0007.ogg', 'audio'],
  ['x.html', 'image/png', '0007-x.png', 'image'],
])('a file called %s of type %s is kept as %s', (fileName, type, name, shownAs) => {
  expect(exportedName(7, fileName, type)).toEqual({ name, shownAs });
});

test('no name leads out of its folder or hides its ending', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string(), (fileName, type) => {
      const { name } = exportedName(1, fileName, type);
      expect(name).toMatch(/^0001[\p{L}\p{M}\p{N}.-]*\.[A-Za-z0-9]+$/u);
      expect(name).not.toContain('..');
    }),
  );
});

test('whatever is written, the page has no tags but its own', () => {
  const facts = { title: 'x', at: 1, nameOf: (id: string) => id };
  const plain = messageSection(sampleMessage({ body: 'x' }), [], false, facts);
  const tags = (html: string) => html.match(/<[^>]*>/g);
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 1 }), (text) => {
      expect(tags(messageSection(sampleMessage({ body: text, author: text }), [], false, facts))).toEqual(tags(plain));
      expect(tags(pageHead({ ...facts, title: text }))).toEqual(tags(pageHead(facts)));
    }),
  );
});
