import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { confine } from './confinement.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sotto-confinement-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Runs each attempt in a confined process; gives `null` for what worked, else the code of the error. */
async function attempt(attempts: Readonly<Record<string, string>>): Promise<Record<string, string | null>> {
  const own = join(folder, 'own');
  writeFileSync(join(folder, 'readable'), 'r');
  writeFileSync(join(folder, 'secret'), 's');
  mkdirSync(own);
  writeFileSync(join(own, 'inside'), 'i');
  const start = confine(
    { write: [own], read: [join(folder, 'readable'), join(own, 'inside'), join(folder, 'missing')] },
    { ...process.env, NODE_OPTIONS: '--trace-uncaught', SSLKEYLOGFILE: '/tmp/keys' },
  );
  const program = `
    const folder = ${JSON.stringify(folder)};
    const results = {};
    const attempts = { ${Object.entries(attempts)
      .map(([name, code]) => `${JSON.stringify(name)}: async () => { ${code} }`)
      .join(',')} };
    for (const [name, run] of Object.entries(attempts)) {
      try { await run(); results[name] = null; } catch (error) { results[name] = error.code ?? error.name; }
    }
    console.log(JSON.stringify(results));`;
  const child = spawn(process.execPath, [...start.arguments, '--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: start.environment,
  });
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  expect(err).toBe('');
  return JSON.parse(out);
}

const fs = `const fs = await import('node:fs');`;

test('a confined process can do what a node needs', async () => {
  expect(
    await attempt({
      write: `${fs} fs.writeFileSync(folder + '/own/file', 'x'); fs.renameSync(folder + '/own/file', folder + '/own/other');`,
      read: `${fs} fs.readFileSync(folder + '/readable');`,
      list: `${fs} fs.readdirSync(folder + '/own'); fs.readFileSync(folder + '/own/inside');`,
      database: `const { DatabaseSync } = await import('node:sqlite'); new DatabaseSync(folder + '/own/db').exec('CREATE TABLE t (a)');`,
      sodium: `await import(${JSON.stringify(import.meta.resolve('@sotto/wire/crypto'))});`,
      listen: `const net = await import('node:net');
        await new Promise((done, fail) => { const s = net.createServer().on('error', fail).listen(0, '127.0.0.1', () => s.close(done)); });`,
      socket: `const net = await import('node:net');
        await new Promise((done, fail) => { const s = net.createServer().on('error', fail).listen(folder + '/own/s', () => s.close(done)); });`,
    }),
  ).toEqual({ write: null, read: null, list: null, database: null, sodium: null, listen: null, socket: null });
});

test('and nothing else', async () => {
  const results = await attempt({
    readSecret: `${fs} fs.readFileSync(folder + '/secret');`,
    readHome: `${fs} fs.readdirSync('/');`,
    writeReadable: `${fs} fs.writeFileSync(folder + '/readable', 'x');`,
    writeProgram: `${fs} fs.writeFileSync(${JSON.stringify(join(import.meta.dirname, 'x'))}, 'x');`,
    child: `const { spawnSync } = await import('node:child_process'); spawnSync('true');`,
    worker: `const { Worker } = await import('node:worker_threads'); new Worker('1', { eval: true });`,
    inspector: `const inspector = await import('node:inspector'); inspector.open(0);`,
    code: `new Function('return 1')();`,
  });
  const denied = 'ERR_ACCESS_DENIED';
  expect(results).toEqual({
    readSecret: denied,
    readHome: denied,
    writeReadable: denied,
    writeProgram: denied,
    child: denied,
    worker: denied,
    inspector: denied,
    code: 'EvalError',
  });
});

test('no debugger begins to listen at a signal, and the environment cannot change what is loaded', async () => {
  const results = await attempt({
    signal: `process.kill(process.pid, 'SIGUSR1'); await new Promise((done) => setTimeout(done, 300));
      const { url } = await import('node:inspector'); if (url() !== undefined) throw new Error('listens');`,
    environment: `if ('NODE_OPTIONS' in process.env || 'SSLKEYLOGFILE' in process.env) throw new Error('kept');`,
  });
  expect(results).toEqual({ signal: null, environment: null });
});
