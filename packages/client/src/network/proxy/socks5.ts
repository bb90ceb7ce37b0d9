import { isIPv4, isIPv6, type Socket } from 'node:net';
import { utf8ToBytes } from '@sotto/wire/bytes';
import ipaddr from 'ipaddr.js';
import { ProxyError, TargetUnreachable } from './proxy-error.ts';
import { SocketReader } from './socket-reader.ts';

const VERSION = 5;
const NO_LOGIN = 0;
const LOGIN = 2;
const CONNECT = 1;
const IPV4 = 1;
const NAME = 3;
const IPV6 = 4;
const LONGEST_FIELD = 255;
/** Replies that say that it lets nobody through, or reaches nothing (RFC 1928 §6). */
const NO_WAY_OUT = new Set([2, 3, 7]);

/** Who asks a proxy, each at most 255 bytes of UTF-8. */
export interface ProxyLogin {
  readonly username: string;
  readonly password: string;
}

/** Where a connection goes: a name, which the proxy looks up, or an address. */
export interface Target {
  readonly host: string;
  readonly port: number;
}

/**
 * Asks a SOCKS5 proxy for a connection (RFC 1928, RFC 1929); afterwards the socket leads to the target. Without a login
 * only proxies that want none will do. @throws ProxyError, TargetUnreachable
 */
export async function askSocks5(socket: Socket, target: Target, login: ProxyLogin | null): Promise<void> {
  using reader = new SocketReader(socket);
  const methods = login ? [NO_LOGIN, LOGIN] : [NO_LOGIN];
  socket.write(Uint8Array.of(VERSION, methods.length, ...methods));
  const [version, method] = await reader.read(2);
  if (version !== VERSION) throw new ProxyError('no-proxy');
  if (method === LOGIN && login) await logIn(socket, reader, login);
  else if (method !== NO_LOGIN) throw new ProxyError('wrong-login');
  socket.write(Buffer.concat([Uint8Array.of(VERSION, CONNECT, 0), addressOf(target)]));
  await readReply(reader);
}

async function logIn(socket: Socket, reader: SocketReader, { username, password }: ProxyLogin): Promise<void> {
  socket.write(Buffer.concat([Uint8Array.of(1), field(username), field(password)]));
  const [, status] = await reader.read(2);
  if (status !== 0) throw new ProxyError('wrong-login');
}

async function readReply(reader: SocketReader): Promise<void> {
  const [version, reply, , kind] = await reader.read(4);
  if (version !== VERSION) throw new ProxyError('no-proxy');
  if (reply !== 0) throw NO_WAY_OUT.has(reply!) ? new ProxyError('no-way-out') : new TargetUnreachable();
  // The address that the proxy connects from; nobody needs it.
  if (kind === IPV4) await reader.read(4 + 2);
  else if (kind === IPV6) await reader.read(16 + 2);
  else if (kind === NAME) await reader.read((await reader.read(1))[0]! + 2);
  else throw new ProxyError('no-proxy');
}

function addressOf({ host, port }: Target): Buffer {
  const end = Buffer.alloc(2);
  end.writeUInt16BE(port);
  if (isIPv4(host)) return Buffer.concat([Uint8Array.of(IPV4), Uint8Array.from(ipaddr.parse(host).toByteArray()), end]);
  if (isIPv6(host)) return Buffer.concat([Uint8Array.of(IPV6), Uint8Array.from(ipaddr.parse(host).toByteArray()), end]);
  return Buffer.concat([Uint8Array.of(NAME), field(host), end]);
}

function field(text: string): Buffer {
  const bytes = utf8ToBytes(text);
  if (bytes.length > LONGEST_FIELD) throw new TargetUnreachable();
  return Buffer.concat([Uint8Array.of(bytes.length), bytes]);
}
