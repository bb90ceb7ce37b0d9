import { createServer, type Server } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { pickFreePorts, requireFreePorts } from './ports.ts';

const HOST = '127.0.0.1';
const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function occupy(port: number): Promise<Server> {
  const server = createServer();
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(port, HOST, resolve));
  return server;
}

test('picks different ports that can be listened on, and passes over taken ones', async () => {
  const [first] = await pickFreePorts(HOST, 3);
  await occupy(first! + 1);
  const ports = await pickFreePorts(HOST, 5, first);
  expect(new Set(ports).size).toBe(5);
  expect(ports).not.toContain(first! + 1);
  expect(ports[0]).toBeGreaterThanOrEqual(first!);
  await requireFreePorts(HOST, ports);
});

test('says when there are not enough', async () => {
  await expect(pickFreePorts(HOST, 3, 65_534)).rejects.toThrow('There are not 3 free ports from 65534 on');
});

test('names the port that is taken', async () => {
  const [port] = await pickFreePorts(HOST, 1);
  await occupy(port!);
  await expect(requireFreePorts(HOST, [port!])).rejects.toThrow(`port ${port} of 127.0.0.1`);
});

test('waits for a port whose owner is about to end, unless it is told to stop', async () => {
  const [port] = await pickFreePorts(HOST, 1);
  const server = await occupy(port!);
  await expect(requireFreePorts(HOST, [port!], AbortSignal.timeout(20))).rejects.toThrow('aborted');
  const waiting = requireFreePorts(HOST, [port!]);
  server.close();
  await waiting;
});
