import { buildPage, HostError } from '@sotto/app';
import { LabError, startNetwork } from '@sotto/lab';
import type { DataFolder } from '../data-folder.ts';
import { onEnter } from '../enter-key.ts';
import { CommandFailure } from '../failure.ts';
import { openPage } from '../open-page.ts';
import { aborted } from '../stop-signal.ts';
import { PageProcess } from './page-process.ts';
import type { UpReport } from './report.ts';

/** Of a network on one machine: they would end together anyway. */
const FILE_SERVERS = 1;

/** What {@link runUp} needs. */
export interface UpOptions {
  readonly data: DataFolder;
  /** How many people get a profile and a page. */
  readonly people: number;
  /** `undefined`: as many as there are, nine in a new network. */
  readonly nodes: number | undefined;
  /** Port of the first page, the others follow; `undefined`: any free ones. */
  readonly port: number | undefined;
  /** Open the pages in a browser. */
  readonly open: boolean;
  readonly report: UpReport;
  /** Ends everything when it aborts. */
  readonly stop: AbortSignal;
}

/**
 * Runs a network and a messenger for each person until `stop` aborts; nothing runs any more when it resolves or rejects.
 * @throws CommandFailure with a sentence that says what to do
 */
export async function runUp(options: UpOptions): Promise<void> {
  const { stop, report } = options;
  try {
    await using running = new AsyncDisposableStack();
    report.step('network');
    const building = buildPage();
    running.defer(() => building.then(nothing, nothing));
    const network = await startNetwork({
      folder: options.data.network,
      ...(options.nodes !== undefined && { nodes: options.nodes }),
      fileServers: FILE_SERVERS,
      restart: true,
      signal: stop,
      log: (event) => report.network(event),
    });
    running.defer(() => network.close());
    await building;
    const pages: PageProcess[] = [];
    running.defer(async () => {
      await Promise.all(pages.map((page) => page.close()));
    });
    report.step('page');
    for (let person = 1; person <= options.people; person += 1) {
      const profile = `person-${person}`;
      pages.push(
        await PageProcess.start({
          profile,
          folder: options.data.profile(profile),
          networkFile: network.networkFilePath,
          logPath: options.data.log(profile),
          port: options.port === undefined ? 0 : options.port + person - 1,
          report,
          stop,
        }),
      );
    }
    report.ready(
      network,
      pages.map(({ page }) => page),
      options.data.path,
    );
    if (options.open) for (const { page } of pages) await openPage(page.url);
    using _ = onEnter(() => {
      for (const page of pages) page.askForLink();
    });
    await aborted(stop);
    report.stopping();
  } catch (error) {
    if (stop.aborted) return report.stopped();
    throw error instanceof LabError || error instanceof HostError
      ? new CommandFailure(error.message, 1, { cause: error })
      : error;
  }
  report.stopped();
}

function nothing(): void {}
