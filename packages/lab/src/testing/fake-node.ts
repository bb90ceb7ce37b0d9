import { readFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import { createInterface } from 'node:readline';
import {
  DirectoryStore,
  directoryReply,
  httpsFetcher,
  loadOrCreateCertificate,
  parseNetworkFile,
  refreshDirectory,
} from '@sotto/directory';

/** A program that keeps the agreement of node processes and does nothing else but mirror the directory, for tests of the supervisor. */
const { networkFile: path, folder, host, httpsPort } = await firstLine();
const networkFile = parseNetworkFile(await readFile(path, 'utf8'));
const store = await DirectoryStore.open({ networkFile });
await refreshDirectory(
  store,
  networkFile.seeds.map((seed) => httpsFetcher(seed)),
  AbortSignal.timeout(10_000),
);
const server = createServer(await loadOrCreateCertificate(folder), (request, response) => {
  const { status, headers, body } = directoryReply(store.accepted()?.bytes ?? null, request.headers['if-none-match']);
  response.writeHead(status, headers).end(body);
});
server.on('error', ({ message }) => {
  console.log(JSON.stringify({ event: 'failed', message }));
  process.exit(1);
});
server.listen(httpsPort, host, () => console.log(JSON.stringify({ event: 'ready' })));
process.on('SIGTERM', () => process.exit(0));

interface Line {
  readonly networkFile: string;
  readonly folder: string;
  readonly host: string;
  readonly httpsPort: number;
}

function firstLine(): Promise<Line> {
  return new Promise((resolve) => {
    const lines = createInterface({ input: process.stdin });
    lines.once('line', (line) => resolve(JSON.parse(line)));
    lines.once('close', () => process.exit(0));
  });
}
