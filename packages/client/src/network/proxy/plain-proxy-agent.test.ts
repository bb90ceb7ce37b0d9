import { createServer, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server as TcpServer } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { httpsTransport } from '../https-transport.ts';

const transport = httpsTransport();
let server: Server;
let proxy: TcpServer;
let direct: number;
let asked: string[];

const portOf = (listening: { address(): unknown }) => (listening.address() as AddressInfo).port;

beforeEach(async () => {
  asked = [];
  direct = 0;
  server = createServer((_, answer) => answer.end('reached'));
  server.on('connection', () => direct++);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // Answers a CONNECT as the proxy, and what follows as the target: only the proxy knows the name.
  proxy = createTcpServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', (head) => {
      asked.push(head.toString().split('\r\n')[0]!);
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nproxied'));
    });
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
});

afterEach(async () => {
  transport.close();
  server.closeAllConnections();
  await Promise.all([server, proxy].map((each) => new Promise((resolve) => each.close(resolve))));
});

const get = async (url: string) => {
  const limits = { timeoutMs: 5000, signal: new AbortController().signal };
  return String((await transport.get(url, {}, limits)).body);
};

test('a request without TLS goes through the proxy, names included, and never past it', async () => {
  expect(await get(`http://127.0.0.1:${portOf(server)}/`)).toBe('reached');
  transport.setProxy({ kind: 'http', host: '127.0.0.1', port: portOf(proxy) });
  expect(await get('http://only-the-proxy-knows.test/')).toBe('proxied');
  expect(asked).toEqual(['CONNECT only-the-proxy-knows.test:80 HTTP/1.1']);
  transport.setProxy({ kind: 'http', host: '127.0.0.1', port: 1 });
  await expect(get(`http://127.0.0.1:${portOf(server)}/`)).rejects.toMatchObject({ failure: 'offline' });
  expect(direct).toBe(1);
});

test('what is under way without a proxy is cut when there is one', async () => {
  transport.setProxy(null);
  const silent = createTcpServer((socket) => socket.on('error', () => {}));
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const asking = get(`http://127.0.0.1:${portOf(silent)}/`);
  const cut = expect(asking).rejects.toMatchObject({ failure: 'offline' });
  await new Promise((resolve) => silent.once('connection', resolve));
  transport.setProxy({ kind: 'http', host: '127.0.0.1', port: portOf(proxy) });
  await cut;
  await new Promise((resolve) => silent.close(resolve));
});
