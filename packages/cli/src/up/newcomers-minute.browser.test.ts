/// <reference lib="dom" />
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { browserForTests } from '@sotto/app/testing/browser';
import { launch, lookAt, openWindow } from '@sotto/app/testing/page-driver';
import { samplePng } from '@sotto/app/testing/sample-files';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const chromium = browserForTests();
const ARRIVES = { timeout: 20_000 };

interface Ready {
  readonly nodes: readonly { readonly swarm: string; readonly pid: number }[];
  readonly pages: readonly { readonly profile: string; readonly url: string }[];
}

/** `sotto up` as a person starts it. */
class Up {
  readonly #process: ChildProcess;
  readonly events: Record<string, unknown>[] = [];
  readonly ready: Promise<Ready>;
  said = '';

  constructor(folder: string) {
    const program = join(import.meta.dirname, '../main.ts');
    const options = ['up', '--people', '2', '--json', '--no-open', '--data', folder];
    this.#process = spawn(process.execPath, [program, ...options], { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#process.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.said += text;
    });
    this.ready = new Promise((resolve, reject) => {
      createInterface({ input: this.#process.stdout! }).on('line', (line) => {
        const event = JSON.parse(line) as Record<string, unknown>;
        this.events.push(event);
        if (event.event === 'ready') resolve(event as unknown as Ready);
      });
      this.#process.once('exit', () => reject(new Error(`sotto up ended: ${this.said}`)));
    });
  }

  /** As Ctrl-C does; gives the exit code. */
  async stop(): Promise<number | null> {
    if (this.#process.exitCode !== null) return this.#process.exitCode;
    const ended = once(this.#process, 'exit');
    this.#process.kill('SIGINT');
    const [code] = (await ended) as [number | null];
    return code;
  }
}

describe.skipIf(chromium === null)('the newcomer’s minute', () => {
  let browser: Browser;
  let folder: string;
  const running: Up[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sotto-minute-'));
    browser = await launch(chromium!);
  });
  afterAll(async () => {
    await browser?.close();
    for (const up of running) await up.stop();
    await rm(folder, { recursive: true, force: true });
  });

  function startUp(): Up {
    const up = new Up(folder);
    running.push(up);
    return up;
  }

  async function becomeSomebody(page: Page, name: string): Promise<string> {
    await page.getByLabel('Display name').fill(name);
    await page.getByRole('button', { name: 'Create my account' }).click();
    await page.getByRole('heading', { name: 'Your recovery phrase' }).waitFor();
    const words = page.getByRole('list', { name: 'The 13 words of your recovery phrase' }).getByRole('listitem');
    await expect.poll(() => words.count()).toBe(13);
    await page.getByRole('button', { name: 'Do this later' }).click();
    await page.getByRole('button', { name: 'Share my account id' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('img', { name: 'QR code of your account id' }).waitFor();
    const id = /05[0-9a-f]{64}/.exec((await dialog.innerText()).replace(/\s/g, ''))![0];
    await page.keyboard.press('Escape');
    return id;
  }

  test('two people write to each other, and find everything again the next time', { timeout: 180_000 }, async () => {
    const up = startUp();
    const { nodes, pages } = await up.ready;
    expect(up.events[0]!.event).toBe('ready');
    expect(nodes).toHaveLength(9);
    expect([...Map.groupBy(nodes, ({ swarm }) => swarm).values()].map((swarm) => swarm.length)).toEqual([3, 3, 3]);

    const noor = await openWindow(browser, pages[0]!.url, { colorScheme: 'light' });
    const ines = await openWindow(browser, pages[1]!.url, { colorScheme: 'dark' });
    const findings: string[] = [];
    findings.push(
      ...(await lookAt(noor.page, 'minute-1-welcome-light')),
      ...(await lookAt(ines.page, 'minute-1-welcome-dark')),
    );
    await becomeSomebody(noor.page, 'Noor');
    const inesId = await becomeSomebody(ines.page, 'Ines');
    findings.push(
      ...(await lookAt(noor.page, 'minute-2-empty-light')),
      ...(await lookAt(ines.page, 'minute-2-empty-dark')),
    );

    await noor.page.getByRole('button', { name: 'Start a conversation' }).click();
    await noor.page.getByRole('textbox', { name: 'Account id' }).fill(inesId);
    await noor.page.getByRole('button', { name: 'Start', exact: true }).click();
    const write = noor.page.getByRole('textbox', { name: /^Message to/ });
    await write.fill('Good morning Ines');
    await write.press('Enter');
    await noor.page.getByText('In their mailbox').waitFor(ARRIVES);

    await ines.page.getByRole('button', { name: /^Noor/ }).click(ARRIVES);
    await ines.page.getByText('Good morning Ines').last().waitFor();
    findings.push(...(await lookAt(ines.page, 'minute-3-request-dark')));
    const answer = ines.page.getByRole('textbox', { name: /^Message to/ });
    await answer.fill('Good morning Noor');
    await answer.press('Enter');
    await noor.page.getByText('Good morning Noor').last().waitFor(ARRIVES);
    await noor.page.getByText(/3 relays/).waitFor();

    // A picture travels over the file server, and what the other side says to it comes back.
    await ines.page
      .getByLabel('Add files')
      .and(ines.page.locator('input'))
      .setInputFiles({ name: 'morning.png', mimeType: 'image/png', buffer: samplePng(320, 200, [220, 170, 90]) });
    await ines.page.getByRole('button', { name: 'Send', exact: true }).click();
    await noor.page.getByRole('button', { name: 'Load morning.png' }).click(ARRIVES);
    const picture = noor.page.getByRole('button', { name: 'Show morning.png' });
    await picture.locator('img').waitFor(ARRIVES);
    await picture.click({ button: 'right' });
    await noor.page.getByRole('menuitem', { name: 'React with 👍' }).click();
    await ines.page.getByRole('button', { name: '👍 from Noor' }).waitFor(ARRIVES);
    findings.push(
      ...(await lookAt(noor.page, 'minute-4-thread-light')),
      ...(await lookAt(ines.page, 'minute-4-thread-dark')),
    );
    expect(await up.stop()).toBe(0);
    expect(up.events.at(-1)!.event).toBe('stopped');
    for (const { pid } of nodes) expect(() => process.kill(pid, 0)).toThrow();

    const again = startUp();
    const { pages: newPages } = await again.ready;
    const later = await openWindow(browser, newPages[0]!.url, { colorScheme: 'light' });
    await later.page.getByRole('button', { name: /^Ines/ }).click();
    await later.page.getByText('Good morning Noor').last().waitFor();
    await later.page.getByText('Good morning Ines').last().waitFor();
    const afterwards = later.page.getByRole('textbox', { name: /^Message to/ });
    await afterwards.fill('Still there?');
    await afterwards.press('Enter');
    const inesLater = await openWindow(browser, newPages[1]!.url, { colorScheme: 'dark' });
    await inesLater.page.getByRole('button', { name: /^Noor/ }).click();
    await inesLater.page.getByText('Still there?').last().waitFor(ARRIVES);
    // Before it ends: a page whose host is gone complains, as it should.
    expect([...later.complaints, ...inesLater.complaints]).toEqual([]);
    expect(await again.stop()).toBe(0);
    expect(findings).toEqual([]);
  });
});
