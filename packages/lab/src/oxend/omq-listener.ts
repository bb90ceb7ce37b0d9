import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { hexToBytes } from '@sotto/wire/bytes';
import { x25519KeyPair } from '@sotto/wire/crypto';
import { type Category, classifyMessage, encodeCommand, encodeReply, HELLO, routeCommand } from '@sotto/wire/oxenmq';
import { listenCurve, listenNull, type ZmtpConnection } from '@sotto/wire/zmtp';

/** Where to listen: a Unix socket, or a free port of loopback with CURVE if there is a secret key (hex). */
export type ListenPlace =
  | { readonly path: string }
  | { readonly host: string; readonly port: number; readonly secret: string | null };

/** Answers a request. The connection is the same object for all requests of a peer. */
type OmqAnswer = (name: string, data: readonly Uint8Array[], connection: Connection) => Promise<readonly Uint8Array[]>;

/** A listener that grants everybody everything, as oxend does to local connections (node-network §10.1). */
export class OmqListener {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #categories: ReadonlyMap<string, Category>;
  readonly #answer: OmqAnswer;
  readonly #place: ListenPlace;

  /** `names`: all request commands that there are. */
  constructor(place: ListenPlace, names: readonly string[], answer: OmqAnswer) {
    this.#place = place;
    this.#answer = answer;
    this.#categories = new Map(
      Map.groupBy(names, (name) => name.split('.')[0]!)
        .entries()
        .map(([category, members]): [string, Category] => [
          category,
          { access: 'none', commands: new Map(members.map((name) => [name.slice(category.length + 1), 'request'])) },
        ]),
    );
    this.#server = createServer((socket) => this.#accept(socket));
  }

  /** Begins to listen; gives the port, 0 for a Unix socket. */
  async listen(): Promise<number> {
    const place = this.#place;
    if ('path' in place) rmSync(place.path, { force: true });
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen('path' in place ? { path: place.path } : { host: place.host, port: place.port }, resolve);
    });
    return 'path' in place ? 0 : (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #accept(socket: Socket): void {
    const place = this.#place;
    const secret = 'path' in place ? null : place.secret;
    const zmtp = secret ? listenCurve({ keys: x25519KeyPair(hexToBytes(secret)), random: randomBytes }) : listenNull();
    const connection = new Connection(socket, zmtp);
    this.#sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('data', (bytes: Buffer) => {
      const { events, output } = zmtp.receive(bytes);
      for (const part of output) socket.write(part);
      for (const event of events) {
        if (event.type === 'message') void this.#received(event.parts, connection);
        else if (event.type === 'error') socket.destroy();
      }
    });
    socket.write(zmtp.greeting);
  }

  async #received(parts: readonly Uint8Array[], connection: Connection): Promise<void> {
    const message = classifyMessage(parts);
    if (message.kind === 'hi') connection.send(HELLO);
    if (message.kind !== 'command') return;
    const route = routeCommand(
      message,
      { level: 'admin', isServiceNode: true },
      { categories: this.#categories, localServiceNode: true },
    );
    if (route.kind === 'refuse') {
      connection.send(route.message);
      return;
    }
    const reply = await this.#answer(`${route.category}.${route.command}`, route.data, connection);
    if (route.tag) connection.send(encodeReply(route.tag, reply));
  }
}

/** One peer. */
export class Connection {
  readonly #socket: Socket;
  readonly #zmtp: ZmtpConnection;

  constructor(socket: Socket, zmtp: ZmtpConnection) {
    this.#socket = socket;
    this.#zmtp = zmtp;
  }

  /** Sends a plain command; false if the peer is gone. */
  push(command: string, data: readonly Uint8Array[]): boolean {
    return this.send(encodeCommand(command, data));
  }

  send(message: readonly Uint8Array[]): boolean {
    if (this.#socket.destroyed) return false;
    this.#socket.write(this.#zmtp.send(message));
    return true;
  }
}
