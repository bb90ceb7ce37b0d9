import { chmodSync, rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Log } from '../log.ts';
import type { NodeStatus } from './node-status.ts';

const isWindows = process.platform === 'win32';
/** What fits into the address of a Unix socket everywhere. */
const LONGEST_PATH = 103;
const ANSWER_LIMIT_MS = 10_000;

/** Where the node of a folder can be asked. On Windows a named pipe, which only the same user and administrators may open. */
function controlPath(folder: string): string {
  if (!isWindows) return join(folder, 'control.sock');
  return `\\\\.\\pipe\\sotto-${Buffer.from(resolve(folder).toLowerCase()).toString('base64url')}`;
}

/**
 * Lets whoever may use the node's folder ask how it fares: a connection to `control.sock` there (0600) gets the status as
 * JSON and is closed. What it says is ignored. A path that is too long, or a disk that takes no socket, is a warning: the node
 * runs without. Gives a function that ends it.
 */
export async function serveControl(
  folder: string,
  status: () => Promise<NodeStatus>,
  log: Log,
): Promise<() => Promise<void>> {
  const path = controlPath(folder);
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy()).resume();
    socket.setTimeout(ANSWER_LIMIT_MS, () => socket.destroy());
    status().then(
      (answer) => socket.end(`${JSON.stringify(answer)}\n`),
      () => socket.destroy(),
    );
  });
  server.maxConnections = 10;
  try {
    if (!isWindows && Buffer.byteLength(path) > LONGEST_PATH) throw new Error('too long');
    // Left by a process that was killed; the database is locked, so no other one runs on this folder.
    if (!isWindows) rmSync(path, { force: true });
    await new Promise<void>((listening, failed) => {
      server.once('error', failed);
      server.listen(path, listening);
    });
    if (!isWindows) chmodSync(path, 0o600);
    server.on('error', () => {});
  } catch {
    log.warn({ code: 'control' }, 'The node cannot be asked for its status: its folder takes no socket.');
  }
  return async () => {
    if (!server.listening) return;
    const closed = new Promise((done) => server.close(done));
    for (const socket of sockets) socket.destroy();
    await closed;
  };
}

/** The status of the node that runs on a folder; `null` if none does. */
export async function askControl(folder: string): Promise<NodeStatus | null> {
  const socket = connect(controlPath(folder));
  socket.setTimeout(ANSWER_LIMIT_MS, () => socket.destroy(new Error('no answer')));
  try {
    return JSON.parse(await text(socket)) as NodeStatus;
  } catch {
    return null;
  } finally {
    socket.destroy();
  }
}
