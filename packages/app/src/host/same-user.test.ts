import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { isSameUser, ownerOf } from './same-user.ts';

const TABLE = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 1 1 0 100 0 0 10 0
   1: 0100007F:1F90 0100007F:C350 01 00000000:00000000 00:00000000 00000000  1000        0 2 1 0 100 0 0 10 0
   2: 0100007F:C350 0100007F:1F90 01 00000000:00000000 00:00000000 00000000  1001        0 3 1 0 100 0 0 10 0
`;

test('the owner of the other end is read from the table of sockets', () => {
  expect(ownerOf(TABLE, 0xc350, 0x1f90)).toBe(1001);
  expect(ownerOf(TABLE, 0x1f90, 0xc350)).toBe(1000);
  expect(ownerOf(TABLE, 0xc351, 0x1f90)).toBeNull();
  expect(ownerOf(TABLE.replaceAll('0100007F', '0000000000000000FFFF00000100007F'), 0xc350, 0x1f90)).toBe(1001);
});

const mayBeOthers = process.platform === 'linux' && process.getuid?.() === 0 && existsSync('/bin/bash');

test.runIf(mayBeOthers).each([
  { uid: 0, same: true },
  { uid: 65_534, same: false },
])('a connection of the user $uid is told apart from our own', async ({ uid, same }) => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  // A program that everybody may run, wherever this Node.js lies.
  const program = `exec 3<>/dev/tcp/127.0.0.1/${port}; read -u 3`;
  const client = spawn('/bin/bash', ['-c', program], { uid, cwd: '/', env: {}, stdio: 'ignore' });
  const [accepted] = (await once(server, 'connection')) as [Socket];
  expect(await isSameUser(accepted)).toBe(same);
  client.kill();
  accepted.destroy();
  server.close();
});
