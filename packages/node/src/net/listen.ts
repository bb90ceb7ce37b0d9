import type { AddressInfo, Server } from 'node:net';
import { NodeError } from '../errors.ts';

const WHY: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program uses it; choose another port',
  EACCES: 'it needs special rights; choose a port above 1023',
  EADDRNOTAVAIL: 'this machine does not have that address',
  ENOTFOUND: 'there is no such address',
};

/** Starts to listen; gives the port, which matters where 0 was asked for. @throws NodeError `port`. */
export async function listen(server: Server, host: string, port: number): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen({ host, port, backlog: 1024 }, resolve);
  try {
    await promise;
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    throw new NodeError('port', `Cannot listen on ${host} port ${port}: ${WHY[code] ?? code}.`);
  }
  server.off('error', reject);
  // Failures to accept one connection (no file descriptor left) must not end the process.
  server.on('error', () => {});
  return (server.address() as AddressInfo).port;
}
