import type { AddressInfo, Server } from 'node:net';
import { FilesError } from '../errors.ts';

const WHY: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program uses it; choose another port',
  EACCES: 'it needs special rights; choose a port above 1023',
  EADDRNOTAVAIL: 'this machine does not have that address',
  ENOTFOUND: 'there is no such address',
};

/** Starts to listen; gives the port, which matters where 0 was asked for. @throws FilesError `port`. */
export async function listen(server: Server, host: string, port: number): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen({ host, port }, resolve);
  try {
    await promise;
  } catch (cause) {
    const { code = 'unknown error' } = cause as NodeJS.ErrnoException;
    throw new FilesError('port', `Cannot listen on ${host} port ${port}: ${WHY[code] ?? code}.`, { cause });
  }
  server.off('error', reject);
  // Failures to accept one connection (no file descriptor left) must not end the process.
  server.on('error', () => {});
  return (server.address() as AddressInfo).port;
}
