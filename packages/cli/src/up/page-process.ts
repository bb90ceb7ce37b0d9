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
  #child: Child;
  #page: PersonPage;
  #closing = false;
  readonly #watched: Promise<void>;

  private constructor(options: PageProcessOptions, child: Child) {
    const { url, port } = readyLine.parse(child.ready);
    this.#options = { ...options, port };
    this.#child = child;
    this.#page = { profile: options.profile, url };
    this.#watched = this.#watch();
  }

  /** Resolves once the page is served. @throws LabError with a sentence that says why it is not */
  static async start(options: PageProcessOptions): Promise<PageProcess> {
    return new PageProcess(options, await startPage(options));
  }

  /** The link it began with. */
  get page(): PersonPage {
    return this.#page;
  }

  /** The answer comes as a `link` report. */
  askForLink(): void {
    this.#child.send({ command: 'link' });
  }

  /** Ends the process; resolves when it is gone. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#child.kill('SIGTERM');
    const tooLong = setTimeout(() => this.#child.kill('SIGKILL'), STOP_TIMEOUT);
    await this.#watched;
    clearTimeout(tooLong);
  }

  async #watch(): Promise<void> {
    const { profile, report } = this.#options;
    for (;;) {
      this.#child.onLine((line) => {
        const link = linkLine.safeParse(line);
        if (link.success) report.link({ profile, url: link.data.url });
      });
      await this.#child.ended;
      while (true) {
        if (this.#closing || this.#options.stop.aborted) return;
        report.pageExited(profile);
        await delay(PAUSE_BEFORE_RESTART, undefined, { signal: this.#options.stop }).catch(() => undefined);
        if (this.#closing || this.#options.stop.aborted) return;
        try {
          this.#child = await startPage(this.#options);
          break;
        } catch {
          // The next round says so and tries again.
        }
      }
      this.#page = { profile, url: readyLine.parse(this.#child.ready).url };
      report.link(this.#page);
    }
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
