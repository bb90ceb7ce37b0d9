import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { webFetch } from './web-fetch.ts';

test('a name that stands for an address of our own network is not connected to', async () => {
  let connections = 0;
  const server = createServer((socket) => {
    connections++;
    socket.destroy();
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', resolve);
  await promise;
  const { port } = server.address() as { port: number };
  const { signal } = new AbortController();
  try {
    const fetching = webFetch(null)(`https://localhost:${port}/`, { redirect: 'manual', signal });
    await expect(fetching).rejects.toThrow('not one of a public site');
    expect(connections).toBe(0);
  } finally {
    await new Promise((done) => server.close(done));
  }
});
