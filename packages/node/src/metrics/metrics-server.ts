import { createServer } from 'node:http';
import { NodeError } from '../errors.ts';
import { listen } from '../net/listen.ts';
import type { NodeStatus } from '../status/node-status.ts';
import { renderMetrics } from './node-metrics.ts';

const LOOPBACK = '127.0.0.1';

/** Metrics that are served. */
export interface MetricsServer {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Serves `GET /metrics` for Prometheus, on 127.0.0.1 whatever the node listens on.
 * @throws NodeError `port` if the port is taken.
 */
export async function serveMetrics(port: number, status: () => Promise<NodeStatus>): Promise<MetricsServer> {
  const server = createServer((request, response) => {
    // A page in a browser on this machine may try names that lead here.
    const isMeant = /^(127\.0\.0\.1|localhost)(:\d+)?$/.test(request.headers.host ?? '');
    if (request.method !== 'GET' || request.url !== '/metrics' || !isMeant) {
      response.writeHead(404).end();
      return;
    }
    status()
      .then(renderMetrics)
      .then(
        ({ type, text }) => response.writeHead(200, { 'Content-Type': type }).end(text),
        () => response.writeHead(500).end(),
      );
  });
  server.headersTimeout = 5_000;
  server.requestTimeout = 5_000;
  server.maxConnections = 20;
  try {
    const listening = await listen(server, LOOPBACK, port);
    return { port: listening, close: () => close(server) };
  } catch (error) {
    throw error instanceof NodeError ? new NodeError('port', `Metrics: ${error.message}`) : error;
  }
}

function close(server: ReturnType<typeof createServer>): Promise<void> {
  const closed = new Promise<void>((done) => server.close(() => done()));
  server.closeAllConnections();
  return closed;
}
