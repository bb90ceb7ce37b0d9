import { createServer, type Server } from 'node:http';
import { Counter, Gauge, Registry } from 'prom-client';
import { FilesError } from './errors.ts';
import { listen } from './http/listen.ts';
import type { RouteName } from './router.ts';

/** By which way a request came in. */
export type DoorName = 'direct' | 'onion';

/** Amounts only: no label tells who asked or for which file. */
export class Metrics {
  readonly registry = new Registry();
  readonly #requests = new Counter({
    name: 'sotto_files_requests_total',
    help: 'Answered requests',
    labelNames: ['route', 'door', 'status'],
    registers: [this.registry],
  });
  readonly #received = new Counter({
    name: 'sotto_files_received_bytes_total',
    help: 'Bytes of request bodies',
    registers: [this.registry],
  });
  readonly #sent = new Counter({
    name: 'sotto_files_sent_bytes_total',
    help: 'Bytes of answer bodies',
    registers: [this.registry],
  });
  readonly #refused = new Counter({
    name: 'sotto_files_refused_total',
    help: 'Requests refused before they were read',
    labelNames: ['reason'],
    registers: [this.registry],
  });
  readonly #removed = new Counter({
    name: 'sotto_files_removed_total',
    help: 'Files removed because their time was over or they were never complete',
    registers: [this.registry],
  });

  /** `usage` is asked whenever somebody reads the metrics. */
  constructor(usage: () => { readonly files: number; readonly bytes: number }) {
    const gauge = (name: string, help: string, value: () => number) =>
      new Gauge({
        name,
        help,
        registers: [this.registry],
        collect() {
          this.set(value());
        },
      });
    gauge('sotto_files_kept', 'Files that are kept', () => usage().files);
    gauge('sotto_files_kept_bytes', 'Bytes of the files that are kept', () => usage().bytes);
  }

  answered(route: RouteName, door: DoorName, status: number): void {
    this.#requests.inc({ route, door, status });
  }

  received(bytes: number): void {
    this.#received.inc(bytes);
  }

  sent(bytes: number): void {
    this.#sent.inc(bytes);
  }

  refused(reason: 'rate' | 'busy' | 'too-large' | 'malformed'): void {
    this.#refused.inc({ reason });
  }

  removed(count: number): void {
    this.#removed.inc(count);
  }
}

/** Serves `GET /metrics` on 127.0.0.1 only; gives the server and its port. @throws FilesError `port` */
export async function serveMetrics(metrics: Metrics, port: number): Promise<{ server: Server; port: number }> {
  const server = createServer((request, response) => {
    if (request.method !== 'GET' || request.url !== '/metrics') {
      response.writeHead(404).end();
      return;
    }
    void metrics.registry.metrics().then(
      (text) => response.writeHead(200, { 'Content-Type': metrics.registry.contentType }).end(text),
      () => response.writeHead(500).end(),
    );
  });
  server.headersTimeout = 5_000;
  server.requestTimeout = 5_000;
  return { server, port: await listen(server, '127.0.0.1', port).catch(refuse) };
}

function refuse(error: unknown): never {
  throw error instanceof FilesError ? new FilesError('port', `Metrics: ${error.message}`) : error;
}
