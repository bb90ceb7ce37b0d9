import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { contentFileId, runSteps } from '@sotto/wire/attachment';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createFileServer } from './create-file-server.ts';

const PATIENCE = { timeout: 10_000 };

let folder: string;
let children: ChildProcess[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sotto-files-'));
  children = [];
  createFileServer(folder, { url: 'http://files.example', port: 0 });
});

afterEach(async () => {
  for (const child of children) await end(child, 'SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

async function start(options: object = { folder, logLevel: 'warn' }) {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'process.ts')], { stdio: ['pipe', 'pipe', 'pipe'] });
  children.push(child);
  let errors = '';
  child.stderr.on('data', (part) => {
    errors += part;
  });
  child.stdin.write(`${JSON.stringify(options)}\n`);
  const [line] = await Promise.race([once(createInterface({ input: child.stdout }), 'line'), once(child, 'close')]);
  if (typeof line !== 'string') return { child, errors, port: 0 };
  const ready = JSON.parse(line) as { event: string; port: number };
  expect(ready.event).toBe('ready');
  return { child, port: ready.port, errors };
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) {
    child.kill(signal);
    await once(child, 'exit');
  }
  return child.exitCode;
}

const files = () =>
  readdirSync(join(folder, 'files'), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).length;

async function upload(port: number, body: Uint8Array): Promise<string | null> {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/file`, {
      method: 'POST',
      body: body as Uint8Array<ArrayBuffer>,
    });
    return answer.ok ? ((await answer.json()) as { id: string }).id : null;
  } catch {
    return null;
  }
}

test('killed while an upload comes in, it has nothing of it', async () => {
  const { child, port } = await start();
  const body = randomBytes(1_000_000);
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  socket.write(`POST /file HTTP/1.1\r\nHost: h\r\nContent-Length: ${body.length}\r\n\r\n`);
  await new Promise<void>((resolve) => socket.write(body.subarray(0, 600_000), () => resolve()));
  await end(child, 'SIGKILL');
  socket.destroy();
  const again = await start();
  const answer = await fetch(`http://127.0.0.1:${again.port}/file/${runSteps(contentFileId(body))}`);
  expect(answer.status).toBe(404);
  await vi.waitFor(() => expect(files()).toBe(0), PATIENCE);
});

test('killed at any moment of many uploads, it has what it confirmed, and nothing in part', async () => {
  const bodies = new Map<string, Uint8Array>();
  const confirmed = new Set<string>();
  for (const afterConfirmed of [1, 3, 7]) {
    const { child, port } = await start();
    const target = confirmed.size + afterConfirmed;
    const uploads = Array.from({ length: 20 }, async () => {
      const body = randomBytes(400_000);
      bodies.set(runSteps(contentFileId(body)), body);
      const id = await upload(port, body);
      if (id === null) return;
      confirmed.add(id);
      if (confirmed.size >= target) child.kill('SIGKILL');
    });
    await Promise.all(uploads);
    await end(child, 'SIGKILL');
  }
  const { port } = await start();
  let complete = 0;
  for (const [id, body] of bodies) {
    const answer = await fetch(`http://127.0.0.1:${port}/file/${id}`);
    if (answer.ok) {
      expect(Buffer.compare(Buffer.from(await answer.arrayBuffer()), body)).toBe(0);
      complete++;
    } else {
      expect([answer.status, confirmed.has(id)]).toEqual([404, false]);
    }
  }
  expect(complete).toBeGreaterThanOrEqual(confirmed.size);
  expect(complete).toBeLessThan(bodies.size);
  await vi.waitFor(() => expect(files()).toBe(complete), PATIENCE);
});

test('asked to end it finishes what it is answering, and keeps everything', async () => {
  const { child, port } = await start();
  const id = await upload(port, randomBytes(1000));
  expect(await end(child, 'SIGTERM')).toBe(0);
  const again = await start();
  expect((await fetch(`http://127.0.0.1:${again.port}/file/${id}`)).status).toBe(200);
  again.child.stdin!.end();
  await once(again.child, 'exit');
  expect(again.child.exitCode).toBe(0);
});

test('what keeps it from starting is one sentence', async () => {
  const { child, errors } = await start({ folder: join(folder, 'nowhere') });
  expect(child.exitCode).toBe(1);
  expect(errors).toContain('sotto files init');
  expect((await start({ folder: 1 })).child.exitCode).toBe(1);
});
