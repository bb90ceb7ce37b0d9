import type { Socket } from 'node:net';
import { ProxyError, TargetUnreachable } from './proxy-error.ts';
import { SocketReader } from './socket-reader.ts';
import type { ProxyLogin, Target } from './socks5.ts';

/** Status line and headers of the answer; nobody needs more. */
const LONGEST_ANSWER = 16_384;
const END = '\r\n\r\n';

/**
 * Asks an HTTP proxy for a tunnel (RFC 9110 §9.3.6); afterwards the socket leads to the target.
 * @throws ProxyError, TargetUnreachable
 */
export async function askHttpProxy(socket: Socket, { host, port }: Target, login: ProxyLogin | null): Promise<void> {
  const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const lines = [
    `CONNECT ${authority} HTTP/1.1`,
    `Host: ${authority}`,
    ...(login
      ? [`Proxy-Authorization: Basic ${Buffer.from(`${login.username}:${login.password}`).toString('base64')}`]
      : []),
  ];
  socket.write(`${lines.join('\r\n')}${END}`);
  using reader = new SocketReader(socket);
  const status = statusOf(await readHead(reader));
  if (status === 407) throw new ProxyError('wrong-login');
  // It does not let us through, such as to ports that it does not know.
  if (status >= 400 && status < 500) throw new ProxyError('no-way-out');
  if (status < 200 || status > 299) throw new TargetUnreachable();
}

async function readHead(reader: SocketReader): Promise<string> {
  let head = '';
  while (!head.endsWith(END)) {
    if (head.length >= LONGEST_ANSWER) throw new ProxyError('no-proxy');
    head += (await reader.read(1)).toString('latin1');
  }
  return head;
}

function statusOf(head: string): number {
  const status = /^HTTP\/1\.[01] (\d{3})[ \r]/.exec(head)?.[1];
  if (status === undefined) throw new ProxyError('no-proxy');
  return Number(status);
}
