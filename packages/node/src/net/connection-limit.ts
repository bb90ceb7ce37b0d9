import type { Server, Socket } from 'node:net';
import { clientOfAddress } from './client-address.ts';

/** Connections of a port at most; one of TLS takes some 70 KiB. */
export const MAX_CONNECTIONS = 10_000;
const MAX_CONNECTIONS_PER_CLIENT = 500;

/**
 * Lets a server hold so many connections and no more, in all and of one client. When all places are taken, whoever comes gets the
 * place of the client that has most, its oldest connection: nobody keeps others out by holding places.
 */
export function limitConnections(
  server: Server,
  most = MAX_CONNECTIONS,
  mostOfClient = MAX_CONNECTIONS_PER_CLIENT,
): void {
  const ofClients = new Map<string, Set<Socket>>();
  let total = 0;
  server.on('connection', (socket: Socket) => {
    const client = clientOfAddress(socket.remoteAddress ?? '');
    const own = ofClients.get(client) ?? new Set();
    if (own.size >= mostOfClient) {
      socket.destroy();
      return;
    }
    if (total >= most) oldestOfLargest(ofClients)?.destroy();
    total++;
    ofClients.set(client, own.add(socket));
    socket.once('close', () => {
      total--;
      own.delete(socket);
      if (own.size === 0 && ofClients.get(client) === own) ofClients.delete(client);
    });
  });
}

function oldestOfLargest(ofClients: ReadonlyMap<string, ReadonlySet<Socket>>): Socket | undefined {
  let largest: ReadonlySet<Socket> | undefined;
  for (const sockets of ofClients.values()) if (!largest || sockets.size > largest.size) largest = sockets;
  return largest?.values().find((socket) => !socket.destroyed);
}
