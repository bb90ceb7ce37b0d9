import { createServer, type Server } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { LabError } from './errors.ts';

/** Below the ports that systems use for outgoing connections, so that none of those takes a remembered port. */
const LOWEST = 10_000;
const HIGHEST = 32_000;

const LAST_OWNER_LEAVES = 3_000;
const RETRY_INTERVAL = 100;

/**
 * Different ports of an address that are free at this moment, ascending.
 * @param from where to begin searching; absent: anywhere from 10,000 to 32,000.
 * @throws LabError `port` if there are not enough.
 */
export async function pickFreePorts(host: string, count: number, from = randomStart(count)): Promise<number[]> {
  const held: Server[] = [];
  try {
    for (let port = from; held.length < count && port <= 0xffff; port++) {
      const server = await hold(host, port).catch(() => null);
      if (server) held.push(server);
    }
    if (held.length < count)
      throw new LabError('port', `There are not ${count} free ports from ${from} on. Choose a lower one.`);
    return held.map(portOf);
  } finally {
    await Promise.all(held.map(release));
  }
}

/**
 * Resolves if all these ports can be listened on. Waits some seconds for one that is taken, since the processes of a
 * network whose starter was killed need a moment to end. @throws LabError `port` that names the first taken one.
 */
export async function requireFreePorts(host: string, ports: readonly number[], signal?: AbortSignal): Promise<void> {
  const giveUp = performance.now() + LAST_OWNER_LEAVES;
  for (const port of ports) {
    while (true) {
      try {
        await release(await hold(host, port));
        break;
      } catch (cause) {
        if (performance.now() > giveUp) throw takenPort(host, port, cause as NodeJS.ErrnoException);
        await delay(RETRY_INTERVAL, undefined, { signal });
      }
    }
  }
}

function takenPort(host: string, port: number, cause: NodeJS.ErrnoException): LabError {
  const sentences =
    cause.code === 'EADDRINUSE'
      ? `This network seems to run already: its port ${port} of ${host} is in use. End it first. If it does not run, another program has taken the port: end that one.`
      : `The port ${port} of ${host}, which belongs to this network, cannot be used (${cause.code}).`;
  return new LabError('port', sentences, { cause });
}

function hold(host: string, port: number): Promise<Server> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, exclusive: true }, () => resolve(server));
  });
}

function release(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}

/** Networks that are made at the same moment should not try the same ports. */
function randomStart(count: number): number {
  return LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST - count));
}
