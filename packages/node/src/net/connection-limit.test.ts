import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { limitConnections } from './connection-limit.ts';

let server: Server;
const sockets: Socket[] = [];

beforeEach(async () => {
  server = createServer((socket) => socket.on('error', () => {}).write('.'));
  limitConnections(server, 6, 4);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  server.close();
});

/** A connection that the server has taken, or has closed at once. */
async function open(localAddress: string): Promise<Socket> {
  const { port } = server.address() as AddressInfo;
  const socket = connect({ host: '127.0.0.1', port, localAddress });
  sockets.push(socket);
  socket.on('error', () => {});
  await Promise.race([once(socket, 'data'), once(socket, 'close')]);
  return socket;
}

test.skipIf(process.platform !== 'linux')('one client gets so many places and no more', async () => {
  const own: Socket[] = [];
  for (let count = 0; count < 5; count++) own.push(await open('127.0.0.2'));
  await vi.waitFor(() => expect(own.map(({ closed }) => closed)).toEqual([false, false, false, false, true]));
  own[0]!.destroy();
  await vi.waitFor(async () => expect((await open('127.0.0.2')).closed).toBe(false));
});

test.skipIf(process.platform !== 'linux')(
  'when all places are taken the oldest of whoever has most makes room',
  async () => {
    const greedy: Socket[] = [];
    for (let count = 0; count < 4; count++) greedy.push(await open('127.0.0.2'));
    const others = [await open('127.0.0.3'), await open('127.0.0.3')];
    const newcomer = await open('127.0.0.4');
    await vi.waitFor(() => expect(greedy.map(({ closed }) => closed)).toEqual([true, false, false, false]));
    expect([...others, newcomer].map(({ closed }) => closed)).toEqual([false, false, false]);
  },
);
