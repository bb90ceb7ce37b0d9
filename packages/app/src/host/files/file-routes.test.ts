import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FakeDoor } from '../../testing/fake-door.ts';
import { OWN_ID } from '../../testing/fake-engine.ts';
import { samplePng } from '../../testing/sample-files.ts';
import { type Host, openHost } from '../host.ts';

const PNG = samplePng(4, 4, [10, 20, 30]);
const QUIET = { info: () => {}, warn: () => {}, error: () => {} };

type Headers = Record<string, string>;

describe('files between page and engine', () => {
  let folder: string;
  let host: Host;
  let door: FakeDoor;
  let session: Headers;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sotto-files-'));
    mkdirSync(join(folder, 'page'));
    writeFileSync(join(folder, 'page/index.html'), '<!doctype html>');
    door = new FakeDoor({ exists: true });
    host = await openHost({ door, suggestedName: '', port: 0, page: join(folder, 'page'), log: QUIET });
    const headers = { Origin: `http://127.0.0.1:${host.port}`, 'Content-Type': 'application/json' };
    const token = new URL(host.url).hash.slice(1);
    const opened = await ask('/session', { method: 'POST', headers, body: [Buffer.from(JSON.stringify({ token }))] });
    const [cookie] = opened.headers['set-cookie']!;
    session = { Cookie: cookie!.split(';')[0]!, 'X-Page-Key': JSON.parse(String(opened.body)).pageKey };
  });
  afterEach(async () => {
    await host.close();
    rmSync(folder, { recursive: true });
  });

  function ask(path: string, { method = 'GET', headers = {} as Headers, body = [] as readonly Buffer[] } = {}) {
    return new Promise<{ status: number; headers: Record<string, string[] | string>; body: Buffer }>(
      (resolve, reject) => {
        const request = httpRequest({ host: '127.0.0.1', port: host.port, path, method, headers }, async (response) => {
          const headers = response.headers as Record<string, string[] | string>;
          resolve({ status: response.statusCode!, headers, body: await buffer(response) });
        });
        request.on('error', reject);
        for (const piece of body) request.write(piece);
        request.end();
      },
    );
  }

  function upload(body: readonly Buffer[], extra: Headers = {}) {
    const headers = { ...session, Origin: `http://127.0.0.1:${host.port}`, 'Content-Type': 'application/octet-stream' };
    return ask('/files', { method: 'POST', headers: { ...headers, ...extra }, body });
  }

  test('an own picture is set, seen, and only by our page', async () => {
    const headers = { ...session, Origin: `http://127.0.0.1:${host.port}`, 'Content-Type': 'application/octet-stream' };
    const set = (more: Headers) =>
      ask('/files/pictures/own', { method: 'POST', headers: { ...headers, ...more }, body: [PNG] });
    expect((await set({ 'X-Page-Key': 'x' })).status).toBe(401);
    expect((await set({ Origin: 'http://127.0.0.1:1' })).status).toBe(403);
    expect((await set({ 'Content-Type': 'image/png' })).status).toBe(415);
    expect(door.engine!.account().pictureVersion).toBeNull();
    expect((await set({})).status).toBe(204);
    expect(await ask(`/files/pictures/${OWN_ID}`, { headers: session })).toMatchObject({ status: 200, body: PNG });
  });

  test('what is given can be sent, and read again', async () => {
    const answer = await upload([PNG]);
    expect(answer.status).toBe(201);
    const { file } = JSON.parse(String(answer.body)) as { file: string };
    const sent = door.engine!.send(OWN_ID, { body: '', attachments: [{ file, contentType: 'image/png' }] });
    const read = await ask(`/files/attachments/${sent.attachments[0]!.id}`, { headers: session });
    expect(read).toMatchObject({ status: 200, body: PNG });
    expect(read.headers).toMatchObject({
      'content-type': 'image/png',
      'content-disposition': 'inline',
      'content-security-policy': "sandbox; default-src 'none'",
      'x-content-type-options': 'nosniff',
      'cross-origin-resource-policy': 'same-origin',
      'cache-control': 'no-store',
    });
  });

  test('a page or script that says it is a picture is only ever saved', async () => {
    const file = door.engine!.file(Buffer.from('<script>alert(1)</script>'), { contentType: 'image/png' });
    const read = await ask(`/files/attachments/${file.id}`, { headers: session });
    expect(read.headers).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-disposition': 'attachment',
      'content-security-policy': "sandbox; default-src 'none'",
    });
  });

  test('pictures of people come the same way', async () => {
    await door.engine!.setPicture(PNG);
    const read = await ask(`/files/pictures/${OWN_ID}`, { headers: session });
    expect(read).toMatchObject({ status: 200, body: PNG });
    expect((await ask(`/files/pictures/05${'ab'.repeat(32)}`, { headers: session })).status).toBe(404);
  });

  test('both halves of the session are needed, and our own page for giving', async () => {
    const { id } = door.engine!.file(PNG, { contentType: 'image/png' });
    const read = async (headers: Headers) => (await ask(`/files/attachments/${id}`, { headers })).status;
    expect(await read({ Cookie: session.Cookie! })).toBe(401);
    expect(await read({ 'X-Page-Key': session['X-Page-Key']! })).toBe(401);
    expect(await read({ ...session, Host: 'evil.example' })).toBe(421);
    expect(await read(session)).toBe(200);
    expect((await upload([PNG], { 'X-Page-Key': 'wrong' })).status).toBe(401);
    expect((await upload([PNG], { Origin: 'http://127.0.0.1:1' })).status).toBe(403);
    expect((await upload([PNG], { 'Content-Type': 'text/plain' })).status).toBe(415);
  });

  test('what is too large is refused before it is kept, whether its size is said or not', async () => {
    const said = await upload([Buffer.alloc(10_000_001)], { 'Content-Length': '10000001' });
    expect(said).toMatchObject({ status: 413 });
    expect(said.headers['x-reason']).toBe('too-large');
    const status = await upload(Array.from({ length: 11 }, () => Buffer.alloc(1_000_000))).then(
      (answer) => answer.status,
      // The host may hang up while the rest is still being sent.
      () => 413,
    );
    expect(status).toBe(413);
    expect((await upload([Buffer.alloc(10_000_000)])).status).toBe(201);
  });

  test.each([
    '/files/attachments/',
    '/files/attachments/missing',
    '/files/attachments/../pictures',
    '/files/other/1',
    '/files',
  ])('%s leads nowhere', async (path) => {
    expect([404, 405]).toContain((await ask(path, { headers: session })).status);
  });

  test('other ways of asking are refused', async () => {
    const { id } = door.engine!.file(PNG, { contentType: 'image/png' });
    expect((await ask(`/files/attachments/${id}`, { method: 'DELETE', headers: session })).status).toBe(405);
  });

  test('an upload that breaks off leaves the host well', async () => {
    const request = httpRequest({
      host: '127.0.0.1',
      port: host.port,
      path: '/files',
      method: 'POST',
      headers: { ...session, Origin: `http://127.0.0.1:${host.port}`, 'Content-Type': 'application/octet-stream' },
    });
    const failed = new Promise((resolve) => request.on('error', resolve));
    request.write(Buffer.alloc(1_000), () => request.destroy(new Error('gone')));
    await failed;
    expect((await upload([PNG])).status).toBe(201);
  });
});
