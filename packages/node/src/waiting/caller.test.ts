import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { loadOrCreateCertificate } from '@sotto/directory';
import { expect, test } from 'vitest';
import { textReply } from '../https/reply.ts';
import { startHttpsServer } from '../https/server.ts';
import { createLog } from '../log.ts';
import { ConnectionPath } from '../omq/return-path.ts';
import { httpsCaller, omqCaller } from './caller.ts';
import { WaitingRoom } from './waiting-room.ts';

test('an HTTPS connection that ends takes its waiting requests with it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sotto-caller-'));
  const room = new WaitingRoom();
  const changed = { resolve: () => {} };
  const server = await startHttpsServer({
    host: '127.0.0.1',
    port: 0,
    tls: await loadOrCreateCertificate(folder),
    version: '0',
    routes: {
      'POST /wait': {
        isMostlyWaiting: true,
        answer: async (_body, { socket }) => {
          const waiter = room.enter([{ account: new Uint8Array(33), namespace: 0 }], 600_000, httpsCaller(socket))!;
          changed.resolve();
          await waiter.arrival();
          waiter.leave();
          changed.resolve();
          return textReply(200, 'over');
        },
      },
    },
    notReady: () => [],
    monotonicNow: () => 0,
    log: createLog('silent'),
  });
  const next = () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    changed.resolve = resolve;
    return promise;
  };
  const begun = next();
  const socket = connect({ port: server.port, host: '127.0.0.1', rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  socket.write('POST /wait HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n');
  await begun;
  expect(room.size).toBe(1);
  const ended = next();
  socket.destroy();
  await ended;
  expect(room.size).toBe(0);
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

test('an OxenMQ connection tells that it is gone, but not whoever has stopped listening', () => {
  const path = new ConnectionPath('127.0.0.1', () => true);
  const caller = omqCaller('key', true, path);
  const heard: string[] = [];
  caller.onGone(() => heard.push('first'));
  caller.onGone(() => heard.push('second'))();
  path.close();
  expect(heard).toEqual(['first']);
});
