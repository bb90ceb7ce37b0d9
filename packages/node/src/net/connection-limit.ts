import type { Server, Socket } from 'node:net';
import { clientOfAddress } from './client-address.ts';

const MAX_CONNECTIONS = 4000;
const MAX_CONNECTIONS_PER_CLIENT = 500;

/** Lets a server drop connections beyond what it can serve, in all and of one client. */
export function limitConnections(server: Server): void {
  server.maxConnections = MAX_CONNECTIONS;
  const connections = new Map<string, number>();
  server.on('connection', (socket: Socket) => {
    const client = clientOfAddress(socket.remoteAddress ?? '');
    const count = (connections.get(client) ?? 0) + 1;
    if (count > MAX_CONNECTIONS_PER_CLIENT) {
      socket.destroy();
      return;
    }
    connections.set(client, count);
    socket.once('close', () => {
      const left = (connections.get(client) ?? 1) - 1;
      if (left > 0) connections.set(client, left);
      else connections.delete(client);
    });
  });
}
