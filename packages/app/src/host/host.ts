import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { TRPCError } from '@trpc/server';
import { applyWSSHandler } from '@trpc/server/adapters/ws';
import { WebSocketServer } from 'ws';
import { z } from 'zod';
import { type Assets, loadAssets } from './assets.ts';
import { answerBackups, isBackupPath } from './files/backup-routes.ts';
import { answerFiles, isFilePath } from './files/file-routes.ts';
import { isOwnHost, isOwnOrigin, readSessionCookie, SECURITY_HEADERS, sessionCookie } from './guard.ts';
import { HostError } from './host-error.ts';
import { Messenger, type ProfileDoor } from './messenger.ts';
import type { CallContext } from './router/call.ts';
import { router } from './router.ts';
import { isSameUser } from './same-user.ts';
import { Sessions } from './sessions.ts';

/** Where the host writes what happened; a `pino` logger fits. It never gets a secret, an account or an address. */
export interface HostLog {
  info(fields: object, event: string): void;
  warn(fields: object, event: string): void;
  error(fields: object, event: string): void;
}

/** A running host: one profile, one page. */
export interface Host {
  /** Opens the page once, within ten minutes. */
  readonly url: string;
  readonly port: number;
  /** Another such link, with its own ten minutes. */
  newLink(): string;
  /** Stops the page and the engine; resolves when nothing runs any more. */
  close(): Promise<void>;
}

/** What a host serves, besides the profile that it owns. */
export interface HostParts {
  readonly door: ProfileDoor;
  /** A name to offer a newcomer; empty for none. */
  readonly suggestedName: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Folder of the built page. */
  readonly page: string;
  readonly log: HostLog;
}

const SESSION_PATH = '/session';
const SOCKET_PATH = '/engine';
const MOST_BODY_BYTES = 1_024;
const MOST_SOCKET_BYTES = 256 * 1_024;
const tokenInput = z.object({ token: z.string().max(100) });

/**
 * Serves the page and the engine on 127.0.0.1.
 * @throws HostError `port-taken`, `port-forbidden`, `page-missing`; EngineError of opening the profile
 */
export async function openHost(parts: HostParts): Promise<Host> {
  const assets = await loadAssets(parts.page);
  // A backup of years may take minutes to arrive.
  const server = createServer({ requestTimeout: 10 * 60_000, headersTimeout: 10_000 });
  const port = await listen(server, parts.port);
  const stop = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  let messenger: Messenger;
  try {
    messenger = await Messenger.start(parts.door, parts.suggestedName);
  } catch (error) {
    await stop();
    throw error;
  }
  const sessions = new Sessions();
  server.on('request', (request, response) => {
    answer(request, response, { assets, messenger, sessions, port, log: parts.log }).catch((error: unknown) => {
      parts.log.error({ error: errorName(error) }, 'request-failed');
      refuse(response, 500);
    });
  });
  const sockets = openSockets(server, { messenger, sessions, port, log: parts.log });
  const newLink = () => `http://127.0.0.1:${port}/#${sessions.newToken()}`;
  parts.log.info({ port, state: messenger.status().state }, 'host-ready');
  return {
    url: newLink(),
    port,
    newLink,
    close: async () => {
      for (const socket of sockets.clients) socket.terminate();
      sockets.close();
      await stop();
      await messenger.close();
      parts.log.info({}, 'host-closed');
    },
  };
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, port)));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => resolve((server.address() as AddressInfo).port));
  });
}

function listenError(error: NodeJS.ErrnoException, port: number): Error {
  if (error.code === 'EADDRINUSE')
    return new HostError('port-taken', `Port ${port} is in use by another program; choose another one.`);
  if (error.code === 'EACCES')
    return new HostError('port-forbidden', `This user may not use port ${port}; choose one above 1023.`);
  return error;
}

interface Doorway {
  readonly assets: Assets;
  readonly messenger: Messenger;
  readonly sessions: Sessions;
  readonly port: number;
  readonly log: HostLog;
}

async function answer(request: IncomingMessage, response: ServerResponse, doorway: Doorway): Promise<void> {
  const { assets, port } = doorway;
  for (const [header, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(header, value as string);
  if (!isOwnHost(request, port)) {
    doorway.log.warn({ check: 'host' }, 'request-refused');
    return refuse(response, 421);
  }
  const path = (request.url ?? '/').split('?', 1)[0] as string;
  if (path === SESSION_PATH && request.method === 'POST') return openSession(request, response, doorway);
  if (path === SESSION_PATH && request.method === 'GET') {
    return hasSession(request, doorway) ? sendEmpty(response) : refuse(response, 401);
  }
  if (isFilePath(path)) {
    if (!hasSession(request, doorway)) return refuse(response, 401);
    if (request.method === 'POST' && !isOwnOrigin(request, port)) return refuse(response, 403);
    if (isBackupPath(path)) return answerBackups(request, response, path, doorway.messenger);
    return answerFiles(request, response, path, () => doorway.messenger.engine());
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(response, 405);
  const asset = assets.get(path);
  if (asset === undefined) return refuse(response, 404);
  response.writeHead(200, {
    'Content-Type': asset.contentType,
    'Content-Length': asset.bytes.length,
    'Cache-Control': asset.cacheControl,
  });
  response.end(request.method === 'HEAD' ? undefined : asset.bytes);
}

/** Whether a request shows both halves of a session: the browser's cookie and the page's key. */
function hasSession(request: IncomingMessage, { sessions, port }: Doorway): boolean {
  const cookie = readSessionCookie(request, port);
  const pageKey = request.headers['x-page-key'];
  return cookie !== null && typeof pageKey === 'string' && sessions.accepts(cookie, pageKey);
}

/** Exchanges the token of a link for a session. */
async function openSession(request: IncomingMessage, response: ServerResponse, doorway: Doorway): Promise<void> {
  if (!isOwnOrigin(request, doorway.port)) {
    doorway.log.warn({ check: 'origin' }, 'request-refused');
    return refuse(response, 403);
  }
  if (!(await isSameUser(request.socket))) {
    doorway.log.warn({ check: 'user' }, 'request-refused');
    return refuse(response, 403);
  }
  if (request.headers['content-type'] !== 'application/json') return refuse(response, 415);
  const text = await readBody(request);
  if (text === null) return refuse(response, 413);
  const input = tokenInput.safeParse(parseJson(text));
  if (!input.success) return refuse(response, 400);
  const secrets = doorway.sessions.exchange(input.data.token);
  if (secrets === null) {
    doorway.log.warn({ check: 'token' }, 'request-refused');
    return refuse(response, 401);
  }
  response.writeHead(200, {
    'Content-Type': 'application/json; charset=utf-8',
    'Cache-Control': 'no-store',
    'Set-Cookie': sessionCookie(doorway.port, secrets.cookie),
  });
  response.end(JSON.stringify({ pageKey: secrets.pageKey }));
}

interface SocketParts {
  readonly messenger: Messenger;
  readonly sessions: Sessions;
  readonly port: number;
  readonly log: HostLog;
}

/** The engine's door: refuses at the upgrade whoever is not our page in a browser with a session. */
function openSockets(server: Server, { messenger, sessions, port, log }: SocketParts): WebSocketServer {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MOST_SOCKET_BYTES });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    const cookie = readSessionCookie(request, port);
    const status = !isOwnOrigin(request, port)
      ? '403 Forbidden'
      : request.url?.split('?', 1)[0] !== SOCKET_PATH
        ? '404 Not Found'
        : cookie === null || !sessions.hasCookie(cookie)
          ? '401 Unauthorized'
          : null;
    if (status !== null) {
      log.warn({ status }, 'upgrade-refused');
      // The other side may never close its half, and then nothing here would end it either.
      socket.once('finish', () => socket.destroy());
      socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    sockets.handleUpgrade(request, socket, head, (client) => sockets.emit('connection', client, request));
  });
  applyWSSHandler({
    wss: sockets,
    router,
    keepAlive: { enabled: true, pingMs: 20_000, pongWaitMs: 10_000 },
    createContext: ({ req, info }): CallContext => {
      const cookie = readSessionCookie(req, port) ?? '';
      const pageKey = info.connectionParams?.pageKey ?? '';
      if (!sessions.accepts(cookie, pageKey)) throw new TRPCError({ code: 'UNAUTHORIZED', message: 'no-session' });
      return { messenger };
    },
    onError: ({ error, path }) => {
      if (error.code === 'INTERNAL_SERVER_ERROR' && error.cause?.name !== 'EngineError') {
        log.error({ path, error: errorName(error.cause) }, 'call-failed');
      }
    },
  });
  return sockets;
}

function sendEmpty(response: ServerResponse): void {
  response.writeHead(204, { 'Cache-Control': 'no-store' });
  response.end();
}

function refuse(response: ServerResponse, status: number): void {
  if (!response.headersSent) {
    response.writeHead(status, { 'Cache-Control': 'no-store', 'Content-Length': 0, Connection: 'close' });
  }
  response.end();
}

/** The body as text, `null` if it is too long. */
async function readBody(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MOST_BODY_BYTES) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** The class of an error; its message could quote what it failed on. */
function errorName(error: unknown): string {
  return error instanceof Error ? error.name : 'unknown';
}
