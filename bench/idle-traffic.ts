/**
 * What an engine sends and receives while nothing happens, in a network whose nodes let requests wait and in one whose
 * nodes do not: bytes on its sockets with TLS and all else above TCP, from the end of the first minute on.
 *
 *     ./sotto bench idle-traffic [--minutes=3]
 */
import { subscribe } from 'node:diagnostics_channel';
import { mkdtemp, rm } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createProfile } from '@sotto/client';
import { startNetwork } from '@sotto/lab';

const [given] = process.argv.flatMap((word) => /^--minutes=([\d.]+)$/.exec(word)?.[1] ?? []);
const minutes = Number(given ?? 3);
const sockets: Socket[] = [];
subscribe('net.client.socket', (message) => {
  sockets.push((message as { socket: Socket }).socket);
});

for (const [name, nodeOptions] of [
  ['nodes tell of new messages', {}],
  ['nodes are polled', { maxWaiting: 0 }],
] as const) {
  const folder = await mkdtemp(join(tmpdir(), 'sotto-bench-'));
  const network = await startNetwork({ folder: join(folder, 'network'), nodeOptions });
  try {
    const engine = await createProfile({ folder: join(folder, 'profile'), network: network.networkFile, name: 'Ada' });
    // What a start costs, and the quicker polling of an active person, is not idle.
    await delay(75_000);
    const [before, cpu] = [transferred(), process.cpuUsage()];
    await delay(minutes * 60_000);
    const bytes = transferred() - before;
    const { user, system } = process.cpuUsage(cpu);
    const perHour = 60 / minutes;
    console.log(
      `${name.padEnd(27)} ${((bytes * perHour) / 1e6).toFixed(2)} MB and ${((user + system) * perHour * 1e-6).toFixed(1)} s of a core an hour`,
    );
    await engine.close();
  } finally {
    await network.close();
    await rm(folder, { recursive: true, force: true });
  }
}

function transferred(): number {
  return sockets.reduce((sum, { bytesRead, bytesWritten }) => sum + bytesRead + bytesWritten, 0);
}
