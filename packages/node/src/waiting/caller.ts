import type { ReturnPath } from '../omq/return-path.ts';

/** Who sent a request, as far as a node has to know to bound what one party can hold. */
export interface Caller {
  /** Address of a client, or key of a node. */
  readonly name: string;
  /** A node passes on what many clients ask. */
  readonly isNode: boolean;
  /** Calls back when the connection is gone; gives the function that stops this. */
  onGone(listener: () => void): () => void;
}

/** Whoever is at the other end of an OxenMQ connection. */
export function omqCaller(name: string, isNode: boolean, { closed }: Pick<ReturnPath, 'closed'>): Caller {
  return {
    name,
    isNode,
    onGone(listener) {
      closed.addEventListener('abort', listener, { once: true });
      return () => closed.removeEventListener('abort', listener);
    },
  };
}

/** What HTTPS knows of a client's connection: Node's `Socket`. */
interface ClientSocket {
  readonly remoteAddress?: string | undefined;
  once(event: 'close', listener: () => void): unknown;
  off(event: 'close', listener: () => void): unknown;
}

/** A client at the other end of an HTTPS connection. */
export function httpsCaller(socket: ClientSocket): Caller {
  return {
    name: socket.remoteAddress ?? '',
    isNode: false,
    onGone(listener) {
      socket.once('close', listener);
      return () => void socket.off('close', listener);
    },
  };
}
