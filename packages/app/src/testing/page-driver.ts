/// <reference lib="dom" />
import { mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { AxeResults } from 'axe-core';
import { type Browser, type BrowserContextOptions, chromium, type Locator, type Page } from 'playwright-core';
import { BUILT_PAGE } from '../host/build-page.ts';
import { type Host, openHost } from '../host/host.ts';
import type { ProfileDoor } from '../host/messenger.ts';
import { BROWSER_ARGUMENTS } from './browser.ts';

const SCREENSHOTS = join(import.meta.dirname, '../../../../artifacts/screenshots');
const QUIET = { info: () => {}, warn: () => {}, error: () => {} };

/** Starts Chromium for a test file. */
export function launch(executablePath: string): Promise<Browser> {
  return chromium.launch({ executablePath, args: [...BROWSER_ARGUMENTS] });
}

/** A host with the real page over a profile of the test's own. */
export function hostOver(door: ProfileDoor, port = 0): Promise<Host> {
  return openHost({ door, suggestedName: '', port, page: BUILT_PAGE, log: QUIET });
}

/** Opens a link in a browser window of its own; everything that the page complains about is collected. */
export async function openWindow(browser: Browser, url: string, options: BrowserContextOptions = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => {
    const target = new URL(request.url());
    if (target.protocol !== 'data:' && target.protocol !== 'blob:' && target.hostname !== '127.0.0.1') {
      complaints.push(`asked ${target.hostname}`);
    }
  });
  await page.goto(url);
  return { context, page, complaints };
}

/** Waits until something has the focus: after a key or a click it may come there in a timer of the page. */
export function hasFocus(target: Locator): Promise<void> {
  return target.and(target.page().locator(':focus')).waitFor();
}

/** Keeps a picture of the screen and returns the serious findings of axe-core as readable lines. */
export async function lookAt(page: Page, name: string): Promise<string[]> {
  await page.evaluate(async () => {
    const ending = document.getAnimations().filter(({ effect }) => {
      // What is folded away stands still.
      const shown = (effect as KeyframeEffect | null)?.target?.checkVisibility() === true;
      return shown && effect?.getComputedTiming().endTime !== Infinity;
    });
    await Promise.allSettled(ending.map((animation) => animation.finished));
  });
  await mkdir(SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`) });
  await page.evaluate(await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'));
  const results = await page.evaluate(() =>
    (globalThis as unknown as { axe: { run(): Promise<AxeResults> } }).axe.run(),
  );
  return results.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map((node) => `${name}: ${id} ${node.target.join(' ')} ${node.failureSummary}`));
}
