/**
 * A SOCKS5 and an HTTP proxy in a process of its own, for tests: it tells on standard output, as lines of JSON, where it
 * listens and what it is asked for. Ends with its standard input.
 */
import { connect, createServer, type Socket } from 'node:net';

const [login = ''] = process.argv.slice(2);
/** Names that only this proxy knows. */
const NAMES: Readonly<Record<string, string>> = { 'only-the-proxy-knows.test': '127.0.0.1' };

const tell = (event: object) => process.stdout.write(`${JSON.stringify(event)}\n`);

async function take(socket: Socket, count: number): Promise<Buffer> {
  for (;;) {
    const bytes = socket.read(count) as Buffer | null;
    if (bytes) return bytes;
    await new Promise((resolve) => socket.once('readable', resolve));
  }
}

async function socks(socket: Socket): Promise<void> {
  const [, count] = await take(socket, 2);
  const methods = await take(socket, count!);
  let user: string | null = null;
  if (login !== '' || methods.includes(2)) {
    if (!methods.includes(2)) return void socket.end(Buffer.of(5, 0xff));
    socket.write(Buffer.of(5, 2));
    const [, nameLength] = await take(socket, 2);
    user = String(await take(socket, nameLength!));
    const password = String(await take(socket, (await take(socket, 1))[0]!));
    const isRight = login === '' || login === `${user}:${password}`;
    socket.write(Buffer.of(1, isRight ? 0 : 1));
    if (!isRight) return void socket.end();
  } else {
    socket.write(Buffer.of(5, 0));
  }
  const [, , , kind] = await take(socket, 4);
  const host =
    kind === 3
      ? String(await take(socket, (await take(socket, 1))[0]!))
      : [...(await take(socket, kind === 1 ? 4 : 16))].join('.');
  const port = (await take(socket, 2)).readUInt16BE();
  tell({ kind: 'socks5', host, port, isName: kind === 3, user });
  join(socket, host, port, (isReached) => Buffer.of(5, isReached ? 0 : 5, 0, 1, 0, 0, 0, 0, 0, 0));
}

async function http(socket: Socket): Promise<void> {
  let head = '';
  while (!head.endsWith('\r\n\r\n')) head += (await take(socket, 1)).toString('latin1');
  const [, host, port] = /^CONNECT ([^:\s]+):(\d+) HTTP\/1\.1\r\n/.exec(head) ?? [];
  const sent = /^Proxy-Authorization: Basic (\S+)\r$/im.exec(head)?.[1];
  if (login !== '' && Buffer.from(sent ?? '', 'base64').toString() !== login) {
    return void socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
  }
  tell({ kind: 'http', host, port: Number(port) });
  join(socket, host!, Number(port), (isReached) => `HTTP/1.1 ${isReached ? '200 OK' : '502 Bad Gateway'}\r\n\r\n`);
}

function join(socket: Socket, host: string, port: number, answer: (isReached: boolean) => Buffer | string): void {
  const other = connect(port, NAMES[host] ?? host, () => {
    socket.write(answer(true));
    other.pipe(socket);
    socket.pipe(other);
  });
  other.on('error', () => socket.writable && socket.end(answer(false)));
  other.on('close', () => socket.destroy());
  socket.on('close', () => other.destroy());
}

for (const [kind, serve] of Object.entries({ socks, http })) {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    void serve(socket).catch(() => socket.destroy());
  });
  server.listen(0, '127.0.0.1', () => tell({ listens: kind, port: (server.address() as { port: number }).port }));
}
process.stdin.on('end', () => process.exit()).resume();
