import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** What a proxy was asked to connect to. */
interface Asked {
  readonly kind: 'socks5' | 'http';
  readonly host: string;
  readonly isName?: boolean;
  readonly user?: string | null;
}

/** A SOCKS5 and an HTTP proxy in a process of their own; end it with `process.kill()`. */
export interface Proxies {
  readonly process: ChildProcess;
  readonly ports: Readonly<Record<'socks5' | 'http', number>>;
  /** Grows while they work. */
  readonly asked: Asked[];
}

/** Starts both on free ports of 127.0.0.1; with a `login` (`name:password`) they serve nobody else. */
export async function startProxies(login?: string): Promise<Proxies> {
  const path = join(import.meta.dirname, 'proxy-process.ts');
  const child = spawn(process.execPath, [path, ...(login ? [login] : [])], { stdio: ['pipe', 'pipe', 'inherit'] });
  const asked: Asked[] = [];
  const ports: Record<string, number> = {};
  await new Promise<void>((resolve) => {
    createInterface({ input: child.stdout! }).on('line', (line) => {
      const event = JSON.parse(line) as Asked & { listens?: string; port: number };
      if (event.listens === undefined) asked.push(event);
      else ports[event.listens === 'socks' ? 'socks5' : 'http'] = event.port;
      if (ports.socks5 && ports.http) resolve();
    });
  });
  return { process: child, ports: ports as Record<'socks5' | 'http', number>, asked };
}
