import { connect, createServer, type Socket } from 'node:net';
import type { NetworkLog } from '@sotto/lab';

/** Where nodes listen behind their links; Linux has all of 127.0.0.0/8 on loopback. */
const BEHIND = '127.0.0.9';
const IN_FRONT = '127.0.0.1';

/** Links to the nodes of a lab network that take as long as links between cities do. */
export interface SlowLinks {
  /** How the nodes are started. */
  readonly nodeOptions: Readonly<Record<string, string>>;
  /** Is told what happens in the network; a node is reachable once it is ready. */
  readonly log: NetworkLog;
  close(): void;
}

/**
 * Everything that clients and other nodes send to a node, and what it answers, is under way for `delay` ms. `nodes`: the
 * ports on which each is known.
 */
export function slowLinks(
  nodes: readonly { readonly httpsPort: number; readonly omqPort: number }[],
  delay: number,
): SlowLinks {
  const servers = new Map<number, ReturnType<typeof createServer>>();
  const sockets = new Set<Socket>();
  const link = (port: number) => {
    if (servers.has(port)) return;
    const server = createServer({ noDelay: true, allowHalfOpen: true }, (near) => {
      const far = connect({ host: BEHIND, port, noDelay: true, allowHalfOpen: true });
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        sockets.add(from);
        from.on('error', () => {});
        from.on('data', (bytes) => setTimeout(() => to.write(bytes), delay));
        from.on('end', () => setTimeout(() => to.end(), delay));
        from.on('close', () => {
          sockets.delete(from);
          setTimeout(() => to.destroy(), delay);
        });
      }
    });
    servers.set(port, server.listen(port, IN_FRONT));
  };
  return {
    nodeOptions: { host: BEHIND },
    log(event) {
      if (event.event !== 'node-ready') return;
      link(nodes[event.node]!.httpsPort);
      link(nodes[event.node]!.omqPort);
    },
    close() {
      for (const server of servers.values()) server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
