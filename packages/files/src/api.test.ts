import { randomBytes } from 'node:crypto';
import { contentFileId, MAX_FILE_BYTES, runSteps, signFileRequest } from '@sotto/wire/attachment';
import { bytesToBase64 } from '@sotto/wire/bytes';
import { afterEach, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from './testing/test-server.ts';

let server: TestServer;
let time = 1_790_000_000_123;

afterEach(async () => {
  await server?.[Symbol.asyncDispose]();
  time = 1_790_000_000_123;
});

async function start(settings: Parameters<typeof startTestServer>[0] = {}) {
  server = await startTestServer(settings, { now: () => time });
  return server;
}

const request = (path: string, init?: RequestInit) => fetch(`${server.url}${path}`, init);
const upload = (body: Uint8Array, headers: Record<string, string> = {}) =>
  request('/file', { method: 'POST', body: body as Uint8Array<ArrayBuffer>, headers });
const uploaded = async (body: Uint8Array, headers?: Record<string, string>) =>
  (await (await upload(body, headers)).json()) as { id: string; expires: number };

async function expectFailure(answer: Response, status: number): Promise<void> {
  expect(answer.status).toBe(status);
  expect(await answer.json()).toEqual({ status_code: status });
}

describe('files by their content', () => {
  test('come back whole, with their id and times', async () => {
    await start();
    const body = randomBytes(100_000);
    const { id, expires } = await uploaded(body);
    expect(id).toBe(runSteps(contentFileId(body)));
    expect(expires).toBe((time + 21 * 86_400_000) / 1000);
    const answer = await request(`/file/${id}`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('application/octet-stream');
    expect(answer.headers.get('expires')).toBe(new Date(time + 21 * 86_400_000).toUTCString());
    expect(Buffer.compare(Buffer.from(await answer.arrayBuffer()), body)).toBe(0);
    const info = await request(`/file/${id}/info`);
    expect(await info.json()).toEqual({ size: 100_000, uploaded: time / 1000, expires });
  });

  test('sent twice are one file, renewed', async () => {
    await start();
    const first = await uploaded(randomBytes(10));
    const body = randomBytes(10);
    const second = await uploaded(body);
    time += 5000;
    const third = await uploaded(body);
    expect(second.id).not.toBe(first.id);
    expect(third).toEqual({ id: second.id, expires: second.expires + 5 });
    const info = (await (await request(`/file/${third.id}/info`)).json()) as { uploaded: number };
    expect(info.uploaded).toBe(time / 1000);
  });

  test('are gone when their time is over, until then not', async () => {
    await start({ lifetime: 10 });
    const { id } = await uploaded(randomBytes(10));
    time += 9_999;
    expect((await request(`/file/${id}`)).status).toBe(200);
    expect(await server.running.cleanUp()).toBe(0);
    time += 1;
    await expectFailure(await request(`/file/${id}`), 404);
    await expectFailure(await request(`/file/${id}/info`), 404);
    await expectFailure(await request(`/file/${id}/extend`, { method: 'POST' }), 404);
    expect(await server.running.cleanUp()).toBe(1);
    expect(await server.running.cleanUp()).toBe(0);
  });

  test('can be extended, never shortened', async () => {
    await start({ lifetime: 100, maxTtl: 1000 });
    const { id } = await uploaded(randomBytes(10), { 'X-FS-TTL': '500' });
    const extend = async (ttl?: string) => {
      const headers = ttl === undefined ? {} : { 'X-FS-TTL': ttl };
      const answer = await request(`/file/${id}/extend`, { method: 'POST', headers });
      return answer.ok ? ((await answer.json()) as { expires: number }).expires - time / 1000 : answer.status;
    };
    expect(await extend()).toBe(500);
    expect(await extend('501')).toBe(501);
    expect(await extend('1001')).toBe(400);
    expect(await extend('-1')).toBe(400);
    expect(await extend('x')).toBe(400);
    await expectFailure(await upload(randomBytes(1), { 'X-FS-TTL': '1001' }), 400);
  });

  test('live as long as the server says where it allows no wishes', async () => {
    await start({ lifetime: 100 });
    const { expires } = await uploaded(randomBytes(10), { 'X-FS-TTL': 'ever' });
    expect(expires).toBe(time / 1000 + 100);
  });
});

test('the largest file of a sender fits, and a byte more does not', async () => {
  await start();
  const body = new Uint8Array(MAX_FILE_BYTES);
  const { id } = await uploaded(body);
  expect((await (await request(`/file/${id}`)).arrayBuffer()).byteLength).toBe(MAX_FILE_BYTES);
  await expectFailure(await upload(new Uint8Array(MAX_FILE_BYTES + 1)), 413);
  await expectFailure(await upload(new Uint8Array()), 413);
});

describe('the old form', () => {
  const old = (body: string) => request('/files', { method: 'POST', body });

  test.each(['content', 'number'] as const)('with ids by %s', async (ids) => {
    await start({ ids });
    const content = randomBytes(50);
    const answer = await old(JSON.stringify({ file: bytesToBase64(content) }));
    const { result, status_code } = (await answer.json()) as { result: string | number; status_code: number };
    expect(status_code).toBe(200);
    expect(typeof result).toBe(ids === 'number' ? 'number' : 'string');
    expect(Number.isSafeInteger(result)).toBe(ids === 'number');
    const back = await request(`/files/${result}`);
    expect(await back.json()).toEqual({ status_code: 200, result: bytesToBase64(content) });
  });

  test('refuses what has no file in it', async () => {
    await start({ maxFileBytes: 10 });
    for (const body of ['', '[]', 'null', '{}', '{"file":1}', '{"file":"*"}'])
      await expectFailure(await old(body), 400);
    await expectFailure(await old(JSON.stringify({ file: bytesToBase64(randomBytes(11)) })), 413);
    await expectFailure(await request('/files/1'), 404);
  });
});

test('number ids are new for every upload and cannot be extended', async () => {
  await start({ ids: 'number' });
  const body = randomBytes(10);
  const [first, second] = [await uploaded(body), await uploaded(body)];
  expect(first.id).toMatch(/^[0-9]+$/);
  expect(second.id).not.toBe(first.id);
  expect((await request(`/file/${first.id}`)).status).toBe(200);
  await expectFailure(await request(`/file/${first.id}/extend`, { method: 'POST' }), 404);
});

test('a full store says so and keeps what it has', async () => {
  await start({ maxTotalBytes: 100 });
  const { id } = await uploaded(randomBytes(60));
  await expectFailure(await upload(randomBytes(41)), 507);
  expect((await upload(randomBytes(40))).status).toBe(200);
  expect((await request(`/file/${id}`)).status).toBe(200);
});

test('what it does not have or know', async () => {
  await start();
  for (const path of ['/', '/file', '/file/..%2f..%2fetc', '/file/a.b', `/file/${'a'.repeat(45)}`, '/file//info']) {
    expect([404, 405]).toContain((await request(path)).status);
  }
  await expectFailure(await request('/file/1', { method: 'DELETE' }), 405);
  await expectFailure(await request('/session_version?platform=desktop'), 502);
  await expectFailure(await request('/session_version?platform=fridge'), 404);
  await expectFailure(await request('/token_info?days=3'), 502);
});

test('a signed version check is verified', async () => {
  await start();
  const path = '/session_version?platform=ios';
  const headers = signFileRequest(randomBytes(32), Math.floor(time / 1000), {
    method: 'GET',
    path,
    body: new Uint8Array(),
  });
  expect((await request(path, { headers })).status).toBe(502);
  const forged = await request('/session_version?platform=android', { headers });
  expect(forged.status).toBe(401);
  expect(await forged.text()).toBe('Invalid authentication: X-FS-Signature verification failed');
  const missing = await request(path, { headers: { 'X-FS-Pubkey': headers['X-FS-Pubkey']! } });
  expect([missing.status, missing.headers.get('content-type')]).toEqual([400, 'text/plain; charset=utf-8']);
});

test('requests and upload bytes of one address are limited', async () => {
  await start({ requestsPerSecond: 1 });
  const statuses = await Promise.all(Array.from({ length: 20 }, async () => (await request('/file/1')).status));
  expect(statuses.filter((status) => status === 429).length).toBeGreaterThan(0);
  expect(statuses.filter((status) => status === 404).length).toBeGreaterThanOrEqual(16);
  await server[Symbol.asyncDispose]();
  await start({ uploadBytesPerSecond: 1000 });
  expect((await upload(randomBytes(15_000))).status).toBe(200);
  expect((await upload(randomBytes(15_000))).status).toBe(429);
});

test('metrics count, on a port of their own, and name nobody', async () => {
  await start({ metricsPort: 0 });
  const { id } = await uploaded(randomBytes(1000));
  await request(`/file/${id}`);
  const metrics = await fetch(`http://127.0.0.1:${server.running.metricsPort}/metrics`);
  const text = await metrics.text();
  expect(text).toContain('sotto_files_requests_total{route="upload",door="direct",status="200"} 1');
  expect(text).toContain('sotto_files_kept 1');
  expect(text).toContain('sotto_files_kept_bytes 1000');
  expect(text).not.toContain(id);
  expect(text).not.toContain('127.0.0.1');
  expect((await fetch(`http://127.0.0.1:${server.running.metricsPort}/`)).status).toBe(404);
  expect((await request('/metrics')).status).toBe(404);
});
