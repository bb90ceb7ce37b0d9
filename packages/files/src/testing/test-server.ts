import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFileServer } from '../create-file-server.ts';
import { type GivenSettings, loadSettings } from '../settings.ts';
import { type FileServerOptions, type RunningFileServer, startFileServer } from '../start-file-server.ts';

/** A file server in a folder of its own, which goes when the test does. */
export interface TestServer extends AsyncDisposable {
  readonly folder: string;
  readonly running: RunningFileServer;
  readonly url: string;
  /** Closes it and starts it again in the same folder. */
  restart(): Promise<void>;
}

/** Starts a file server on a free port. */
export async function startTestServer(
  settings: Partial<GivenSettings> = {},
  options: Partial<FileServerOptions> = {},
): Promise<TestServer> {
  const folder = mkdtempSync(join(tmpdir(), 'sotto-files-'));
  createFileServer(folder, { url: 'http://files.example', port: 0, ...settings });
  const start = () => startFileServer({ folder, settings: loadSettings(folder), logLevel: 'silent', ...options });
  let running = await start();
  return {
    folder,
    get running() {
      return running;
    },
    get url() {
      return `http://127.0.0.1:${running.port}`;
    },
    async restart() {
      await running.close();
      running = await start();
    },
    async [Symbol.asyncDispose]() {
      await running.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
