import { randomBytes } from 'node:crypto';
import { Router } from 'zeromq';
import { z85 } from './foreign-peer.ts';

/** What a test lets the daemon answer; `null` for nothing at all. */
export type OxendReply = (command: string, params: string) => readonly (string | Uint8Array)[] | null;

/** A daemon on libzmq, which is what real ones are built on: a listener that answers HI and whatever a test says. */
export class ForeignOxend {
  readonly #router: Router;
  readonly #running: Promise<void>;
  readonly asked: string[] = [];
  #clients: Buffer[] = [];

  private constructor(router: Router, reply: OxendReply) {
    this.#router = router;
    this.#running = this.#serve(reply);
  }

  /** Listens where the address says: `ipc://…` or `tcp://127.0.0.1:port`; with CURVE if there is a secret key. */
  static async listen(address: string, reply: OxendReply, curveSecret?: Uint8Array): Promise<ForeignOxend> {
    const router = new Router({ linger: 0, handover: true });
    if (curveSecret) {
      router.curveServer = true;
      router.curveSecretKey = z85(curveSecret);
    }
    await router.bind(address);
    return new ForeignOxend(router, reply);
  }

  /** The address with the port that the system chose. */
  get address(): string {
    return this.#router.lastEndpoint!;
  }

  /** Sends a plain command to everybody who said HI. */
  async push(...parts: (string | Uint8Array)[]): Promise<void> {
    for (const client of this.#clients) await this.#router.send([client, ...parts.map((part) => Buffer.from(part))]);
  }

  async close(): Promise<void> {
    this.#router.close();
    await this.#running;
  }

  async #serve(reply: OxendReply): Promise<void> {
    for await (const [client, ...parts] of this.#router) {
      const [name = '', tag = randomBytes(0), params = ''] = parts;
      if (String(name) === 'HI') {
        this.#clients.push(client!);
        await this.#router.send([client!, 'HELLO']);
        continue;
      }
      this.asked.push(String(name));
      const answer = reply(String(name), String(params));
      if (answer) await this.#router.send([client!, 'REPLY', tag, ...answer.map((part) => Buffer.from(part))]);
    }
  }
}
