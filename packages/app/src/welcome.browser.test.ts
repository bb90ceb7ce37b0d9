/// <reference lib="dom" />
import type { BrowserContextOptions, Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { browserForTests } from './testing/browser.ts';
import { FakeDoor } from './testing/fake-door.ts';
import { PHRASE } from './testing/fake-engine.ts';
import { inBrowser } from './testing/in-browser.ts';
import { lookAt } from './testing/page-driver.ts';

const chromium = browserForTests();

const TOR = { kind: 'socks5', host: '127.0.0.1', port: 9050 } as const;
const BACKUP = { name: 'noor.backup', mimeType: '', buffer: Buffer.from('SOTTOBAK sealed with correct horse') };

describe.skipIf(chromium === null)('the way to an account in a browser', { timeout: 120_000 }, () => {
  const stage = inBrowser(chromium);

  async function open(options: BrowserContextOptions = {}, door = new FakeDoor()) {
    const host = await stage.host(door);
    return { door, host, ...(await stage.openLink(host.url, options)) };
  }

  const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
  const focused = (page: Page, name: string) =>
    expect
      .poll(() =>
        page.evaluate(() => {
          const { activeElement } = document;
          return activeElement instanceof HTMLInputElement || activeElement instanceof HTMLTextAreaElement
            ? activeElement.labels?.[0]?.textContent
            : activeElement?.textContent;
        }),
      )
      .toBe(name);

  async function chooseTor(page: Page) {
    await page.getByText('Connect through a proxy').click();
    await page.getByLabel('Connect through').selectOption('socks5');
  }

  describe.each([
    ['light', { colorScheme: 'light' }],
    ['dark', { colorScheme: 'dark' }],
    ['narrow', { viewport: { width: 360, height: 720 } }],
  ] as const)('%s', (look, options: BrowserContextOptions) => {
    test('a proxy is chosen before the first connection, and can be read by everybody', async () => {
      const { door, page, complaints } = await open(options);
      const findings: string[] = [];
      const show = async (name: string) => findings.push(...(await lookAt(page, `first-way-${name}-${look}`)));
      await page.getByLabel('Display name').fill('Noor');
      await page.getByText('Connect through a proxy').click();
      await page.getByText("Sotto connects to the network's entry relays directly.").waitFor();
      await show('none');
      await page.getByLabel('Connect through').selectOption('socks5');
      await page.getByLabel('Address').fill('socks5://127.0.0.1:9050');
      await button(page, 'Create my account').click();
      await page.getByText('Write the address alone').waitFor();
      await focused(page, 'Address');
      await show('mistake');
      await page.getByLabel('Address').fill('127.0.0.1');
      await page.getByText('Connecting through 127.0.0.1, port 9050').click();
      await expect.poll(() => page.getByLabel('Address').isVisible()).toBe(false);
      await show('chosen');
      await button(page, 'I already have an account').click();
      await page.getByText('Connecting through 127.0.0.1, port 9050').click();
      await show('phrase');
      await button(page, 'I have a backup file').click();
      await page.getByText('Connecting through 127.0.0.1, port 9050').click();
      await show('backup');
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(overflow).toBe(0);
      await button(page, 'Back').click();
      await button(page, 'Back').click();
      await page.getByLabel('Display name').fill('Noor');
      await button(page, 'Create my account').click();
      await page.getByRole('heading', { name: 'Your recovery phrase' }).waitFor();
      expect(door.engine!.settings().proxy).toEqual(TOR);
      expect(findings).toEqual([]);
      expect(complaints).toEqual([]);
    });
  });

  test('what cannot be a proxy is told at its field, also when that is out of sight', async () => {
    const { door, page } = await open();
    await page.getByLabel('Display name').fill('Noor');
    await chooseTor(page);
    const refused = async (label: string, value: string, text: string) => {
      const field = page.getByLabel(label);
      const before = await field.inputValue();
      await field.fill(value);
      await page.getByText('Connecting through').click();
      await expect.poll(() => field.isVisible()).toBe(false);
      await button(page, 'Create my account').click();
      await page.getByText(text).waitFor();
      await field.waitFor();
      await expect.poll(() => field.evaluate((element) => element === document.activeElement)).toBe(true);
      expect(await field.getAttribute('aria-invalid')).toBe('true');
      await field.fill(before);
    };
    await refused('Port', '70000', 'A number from 1 to 65535.');
    await refused('Port', '', 'A number from 1 to 65535.');
    for (const host of ['127.0.0.1:9050', 'http://proxy', 'a proxy', 'ada@proxy', 'x'.repeat(254)]) {
      await refused('Address', host, 'Write the address alone');
    }
    await refused('Username', 'ä'.repeat(128), 'No proxy takes this username');
    await page.getByLabel('Password').fill('secret');
    await page.getByLabel('Connect through').selectOption('http');
    await refused('Username', 'a:b', 'No proxy takes this username');
    await refused('Username', '', 'The password needs a username.');
    expect(door.engine).toBeNull();
    await page.getByLabel('Username').fill('ada');
    await page.getByLabel('Address').fill(' [2001:db8::1] ');
    await page.getByLabel('Address').press('Enter');
    await page.getByRole('heading', { name: 'Your recovery phrase' }).waitFor();
    const login = { username: 'ada', password: 'secret' };
    expect(door.engine!.settings().proxy).toEqual({ kind: 'http', host: '2001:db8::1', port: 8080, ...login });
  });

  test('the choice holds for a phrase and for a backup, and lies nowhere', async () => {
    for (const from of ['phrase', 'backup'] as const) {
      const { door, page } = await open();
      await chooseTor(page);
      await button(page, 'I already have an account').click();
      if (from === 'phrase') {
        await page.getByLabel('Recovery phrase').fill(PHRASE);
        await button(page, 'Restore my account').click();
        await button(page, 'Go on, the rest arrives by itself').click();
      } else {
        await button(page, 'I have a backup file').click();
        await page.locator('input[type=file]').setInputFiles(BACKUP);
        await page.getByLabel('Passphrase of the backup').fill('correct horse');
        const stored = await page.evaluate(() =>
          JSON.stringify([{ ...localStorage }, { ...sessionStorage }, history.state]),
        );
        expect(stored).not.toContain('9050');
        await button(page, 'Restore everything').click();
      }
      await page.getByRole('heading', { name: 'Chats' }).waitFor();
      expect(door.engine!.settings().proxy).toEqual(TOR);
    }
  });

  test('going back leads step by step, by the page and by the browser, and a reload stays', async () => {
    const { page } = await open();
    const phrase = page.getByLabel('Recovery phrase');
    await focused(page, 'Display name');
    await button(page, 'I already have an account').click();
    await focused(page, 'Recovery phrase');
    await button(page, 'I have a backup file').click();
    await focused(page, 'From a backup file');
    await page.reload();
    await page.getByRole('heading', { name: 'From a backup file' }).waitFor();
    await page.goBack();
    await phrase.waitFor();
    await button(page, 'Back').click();
    await focused(page, 'Display name');
    await page.goForward();
    await phrase.waitFor();
    await page.goBack();
    await button(page, 'Take another one').click();
    await focused(page, 'Which network do you want to join?');
    await page.goBack();
    await focused(page, 'Display name');
    expect(new URL(page.url()).pathname).toBe('/');
  });

  test('each step begins at its top, however far down the last one ended', async () => {
    const { page } = await open({ viewport: { width: 360, height: 420 } });
    await page.getByLabel('Display name').fill('Noor');
    await page.getByLabel('Display name').press('Enter');
    await page.getByRole('heading', { name: 'Your recovery phrase' }).waitFor();
    await button(page, 'I wrote it down').click();
    await focused(page, "Let's check two of them");
    const top = await page.getByRole('heading', { level: 1 }).evaluate((title) => title.getBoundingClientRect().top);
    expect(top).toBeGreaterThanOrEqual(0);
  });

  test('what is wrong is said where it is, and the keyboard is there, too', async () => {
    const { page } = await open();
    await button(page, 'Create my account').click();
    await page.getByText('Write a name first, any name.').waitFor();
    await focused(page, 'Display name');
    await button(page, 'I already have an account').click();
    await page.getByLabel('Recovery phrase').fill('amaze buffet');
    await button(page, 'Restore my account').click();
    await page.getByText('There are 2 words.').waitFor();
    await focused(page, 'Recovery phrase');
    await button(page, 'I have a backup file').click();
    const file = page.locator('input[type=file]');
    await page.getByLabel('Passphrase of the backup').fill('wrong horse');
    let asked = 0;
    page.on('request', () => asked++);
    await file.setInputFiles({ ...BACKUP, buffer: Buffer.alloc(1_000_000) });
    await button(page, 'Restore everything').click();
    await page.getByText('This is not a backup of Sotto, or it is damaged.').waitFor();
    expect(asked).toBe(0);
    await file.setInputFiles(BACKUP);
    await button(page, 'Restore everything').click();
    await page.getByText('That is not the passphrase of this backup.').waitFor();
    await focused(page, 'Passphrase of the backup');
  });

  test('a phrase may be typed as it was written down', async () => {
    const { page } = await open();
    await button(page, 'I already have an account').click();
    const numbered = PHRASE.split(' ').map((word, position) => `${position + 1}. ${word}`);
    await page.getByLabel('Recovery phrase').fill(numbered.join(',\n'));
    await page.getByText('13 of 13 words').waitFor();
    await button(page, 'Restore my account').click();
    await page.getByText('Your account is coming back').waitFor();
  });

  test('while an account comes back it is said what stands in the way', async () => {
    const { door, page } = await open();
    await chooseTor(page);
    await button(page, 'I already have an account').click();
    await page.getByLabel('Recovery phrase').fill(PHRASE);
    await button(page, 'Restore my account').click();
    await page.getByText('Looking for your name…').waitFor();
    door.engine!.setRoute({ state: 'offline', relays: [], roundTripMs: null, proxyProblem: 'unreachable' });
    await page.getByText('The proxy does not answer.').waitFor();
    expect(await lookAt(page, 'restoring-offline')).toEqual([]);
    door.engine!.setRoute({ state: 'offline', relays: [], roundTripMs: null, proxyProblem: null });
    await page.getByText('What is missing arrives once it can.').waitFor();
    door.engine!.setRoute({});
    await page.getByText('Looking for your name…').waitFor();
  });

  test('a host that is gone is told of before there is an account, too', async () => {
    const { page, host } = await open();
    await page.getByLabel('Display name').fill('Noor');
    await host.close();
    await page.getByText("Sotto doesn't answer on this computer.").waitFor();
    expect(await lookAt(page, 'welcome-host-lost')).toEqual([]);
  });

  test('a new passphrase is asked for in the same way everywhere', async () => {
    const { page } = await open({}, new FakeDoor({ exists: true }));
    await button(page, 'Settings').click();
    for (const [begin, label, end] of [
      ['Set a passphrase', 'New passphrase', 'Set a passphrase'],
      ['Make a backup', 'Passphrase of the backup', 'Make and save it'],
    ] as const) {
      await button(page, begin).click();
      await page.getByLabel(label).fill('short');
      await button(page, end).click();
      await page.getByText('Take at least eight characters').waitFor();
      await focused(page, label);
      await page.getByLabel(label).fill('long enough');
      expect(await page.getByText('Take at least eight characters').count()).toBe(0);
      await page.getByLabel('The same once more').fill('long enuogh');
      await button(page, end).click();
      await page.getByText('The two are not the same.').waitFor();
      await focused(page, 'The same once more');
      await button(page, 'Cancel').click();
    }
  });
});
