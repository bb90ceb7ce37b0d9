import type { Browser, BrowserContextOptions } from 'playwright-core';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { buildPage } from '../host/build-page.ts';
import type { Host } from '../host/host.ts';
import type { FakeDoor } from './fake-door.ts';
import { hostOver, launch, openWindow } from './page-driver.ts';

/**
 * The page as it is now and a Chromium for the tests of a `describe`, with hosts and windows that are closed after each.
 * @param executablePath see `browserForTests`; not looked at before the first test.
 */
export function inBrowser(executablePath: string | null) {
  let browser: Browser;
  const closing: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    await buildPage();
    browser = await launch(executablePath!);
  }, 120_000);
  afterAll(() => browser?.close());
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });

  /** Also closes something of the test's own after it; the last one first. */
  const afterwards = (close: () => Promise<unknown>) => void closing.push(close);

  async function host(door: FakeDoor, port = 0): Promise<Host> {
    const host = await hostOver(door, port);
    afterwards(() => host.close());
    return host;
  }

  async function openLink(url: string, options: BrowserContextOptions = {}) {
    const opened = await openWindow(browser, url, options);
    afterwards(() => opened.context.close());
    return opened;
  }

  /** A window on a profile, with a host of its own. */
  async function openDoor(door: FakeDoor, options: BrowserContextOptions = {}) {
    const { url } = await host(door);
    return openLink(url, options);
  }

  return { afterwards, host, openLink, openDoor };
}
