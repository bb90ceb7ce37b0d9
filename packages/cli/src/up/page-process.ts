import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Child, startChild } from '@sotto/lab';
import { z } from 'zod';
import type { PersonPage, UpReport } from './report.ts';

const START_TIMEOUT = 60_000;
const STOP_TIMEOUT = 10_000;
const PAUSE_BEFORE_RESTART = 1000;
const linkLine = z.object({ event: z.literal('link'), url: z.string() });
const readyLine = z.object({ url: z.string(), port: z.int() });

/** What {@link PageProcess.start} needs. */
interface PageProcessOptions {
  readonly profile: string;
  readonly folder: string;
  readonly networkFile: string;
  readonly logPath: string;
  /** 0: any free one. */
  readonly port: number;
  readonly report: UpReport;
  readonly stop: AbortSignal;
}

/** The messenger of one person: a process that owns the engine and serves the page. It is started again if it ends unasked. */
export class PageProcess {
  readonly #options: PageProcessOptions;
  readonly #closing = new AbortController();
  /** With the link it began with. */
  readonly page: PersonPage;
  #child: Child;
  readonly #watched: Promise<void>;

  private constructor(options: PageProcessOptions, child: Child) {
    const { url, port } = readyLine.parse(child.ready);
    this.#options = { ...options, port, stop: AbortSignal.any([options.stop, this.#closing.signal]) };
    this.#child = child;
    this.page = { profile: options.profile, url };
    this.#watched = this.#watch();
  }

  /** Resolves once the page is served. @throws LabError with a sentence that says why it is not */
  static async start(options: PageProcessOptions): Promise<PageProcess> {
    return new PageProcess(options, await startPage(options));
  }

  /** The answer comes as a `link` report. */
  askForLink(): void {
    this.#child.send({ command: 'link' });
  }

  /** Ends the process; resolves when it is gone. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#child.kill('SIGTERM');
    const tooLong = setTimeout(() => this.#child.kill('SIGKILL'), STOP_TIMEOUT);
    await this.#watched;
    clearTimeout(tooLong);
  }

  async #watch(): Promise<void> {
    const { profile, report } = this.#options;
    for (let child: Child | null = this.#child; child; child = await this.#startAgain()) {
      child.onLine((line) => {
        const link = linkLine.safeParse(line);
        if (link.success) report.link({ profile, url: link.data.url });
      });
      await child.ended;
    }
  }

  /** Tries until the page is served again; `null` once nobody wants it any more. */
  async #startAgain(): Promise<Child | null> {
    const { profile, report, stop } = this.#options;
    while (!stop.aborted) {
      report.pageExited(profile);
      await delay(PAUSE_BEFORE_RESTART, undefined, { signal: stop }).catch(() => undefined);
      try {
        this.#child = await startPage(this.#options);
        report.link({ profile, url: readyLine.parse(this.#child.ready).url });
        return this.#child;
      } catch {
        // The next round says so and tries again.
      }
    }
    return null;
  }
}

function startPage({ folder, networkFile, port, logPath, stop }: PageProcessOptions): Promise<Child> {
  return startChild(
    {
      program: join(dirname(createRequire(import.meta.url).resolve('@sotto/app')), 'process.ts'),
      input: { folder, networkFile, port, name: '', logLevel: 'warn' },
      logPath,
      startTimeout: START_TIMEOUT,
    },
    stop,
  );
}
