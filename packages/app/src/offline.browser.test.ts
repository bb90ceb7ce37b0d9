/// <reference lib="dom" />
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { buildPage } from './host/build-page.ts';
import type { Host } from './host/host.ts';
import { startHost } from './host/start-host.ts';
import { browserForTests } from './testing/browser.ts';
import { LENA } from './testing/fake-life.ts';
import { SAMPLE_NETWORK } from './testing/fake-network.ts';
import { launch, lookAt, openWindow } from './testing/page-driver.ts';
import { samplePng } from './testing/sample-files.ts';

const chromium = browserForTests();

/** The real engine on a network of which no node answers: everything on this side of it works. */
describe.skipIf(chromium === null)('a messenger without a network', { timeout: 120_000 }, () => {
  let browser: Browser;
  let folder: string;
  const hosts: Host[] = [];

  beforeAll(async () => {
    await buildPage();
    browser = await launch(chromium!);
  }, 120_000);
  afterAll(() => browser?.close());
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sotto-offline-'));
  });
  afterEach(async () => {
    for (const host of hosts.splice(0)) await host.close();
    rmSync(folder, { recursive: true });
  });

  async function start(): Promise<Host> {
    const host = await startHost({ folder: join(folder, 'profile'), network: SAMPLE_NETWORK, port: 0, name: 'Noor' });
    hosts.push(host);
    return host;
  }

  test('notes, files, drafts and a search work, and are there after a restart', async () => {
    const first = await start();
    const { page, context } = await openWindow(browser, first.url);
    await page.getByRole('button', { name: 'Create my account' }).click();
    await page.getByRole('button', { name: 'Do this later' }).click();
    await page.getByRole('button', { name: /^Note to self/ }).click();
    const notes = page.getByRole('textbox', { name: 'Write a note' });
    await page
      .getByLabel('Add files')
      .and(page.locator('input'))
      .setInputFiles([{ name: 'harbour.png', mimeType: 'image/png', buffer: samplePng(300, 200, [40, 90, 160]) }]);
    await notes.fill('The *harbour* office, seen from the desk');
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await page.getByRole('button', { name: 'Show harbour.png' }).locator('img').waitFor();

    await page.getByRole('button', { name: 'New conversation' }).first().click();
    await page.getByRole('dialog').getByRole('textbox').first().fill(LENA);
    await page.getByRole('button', { name: 'Start', exact: true }).click();
    const composer = page.getByRole('textbox', { name: /^Message to/ });
    await composer.fill('Waits for the network');
    await composer.press('Enter');
    await page
      .getByText('Waiting', { exact: true })
      .or(page.getByText('Sending', { exact: true }))
      .first()
      .waitFor();
    await composer.fill('Not finished');
    await page.getByText('Draft:').waitFor();
    await context.close();
    await hosts.pop()!.close();

    const second = await start();
    const { page: again, complaints, context: later } = await openWindow(browser, second.url);
    await again.getByText('Draft:').waitFor();
    await again.getByRole('searchbox', { name: 'Search messages and people' }).fill('harb');
    await again.getByRole('button', { name: 'Narrow the search' }).click();
    await again.getByLabel('With a file').check();
    await again.getByText('1 message', { exact: true }).waitFor();
    expect(await lookAt(again, 'offline-search')).toEqual([]);
    await again.getByRole('region', { name: 'Messages' }).getByRole('button').click();
    await again.getByRole('button', { name: 'Show harbour.png' }).click();
    await again.getByRole('dialog', { name: 'harbour.png' }).getByRole('img').waitFor();
    await again.keyboard.press('Escape');
    await again.getByRole('button', { name: 'Clear the search' }).click();
    await again.getByText('Draft:').click();
    expect(await again.getByRole('textbox', { name: /^Message to/ }).inputValue()).toBe('Not finished');
    expect(complaints).toEqual([]);
    await later.close();
  });
});
