/// <reference lib="dom" />
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { profileNetworkPath } from '@sotto/client';
import { networkLink, parseAnyNetworkFile, parseNetworkFile, serializeNetworkFile } from '@sotto/directory';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { previewNetwork } from './host/network-text.ts';
import { startHost } from './host/start-host.ts';
import { browserForTests } from './testing/browser.ts';
import { FakeDoor } from './testing/fake-door.ts';
import { OWN_ID, PHRASE } from './testing/fake-engine.ts';
import { INES, LENA, liveAWhile, TOMAS } from './testing/fake-life.ts';
import { AUTHORITIES, SAMPLE_NETWORK } from './testing/fake-network.ts';
import { inBrowser } from './testing/in-browser.ts';
import { lookAt } from './testing/page-driver.ts';

const chromium = browserForTests();

describe.skipIf(chromium === null)('people, account and network in a browser', { timeout: 120_000 }, () => {
  const { afterwards, host, openLink, openDoor } = inBrowser(chromium);

  /** A window on a profile that has been in use for some days. */
  async function openLived(options: BrowserContextOptions = {}) {
    const door = new FakeDoor({ exists: true });
    const { url } = await host(door);
    const engine = door.engine!;
    engine.setSettings({ phraseConfirmed: true });
    liveAWhile(engine, Date.now());
    const opened = await openLink(url, options);
    await opened.page.locator(`[data-stop="${INES}"]`).waitFor();
    return { door, engine, ...opened };
  }

  const looks = { light: { colorScheme: 'light' }, dark: { colorScheme: 'dark' } } as const;
  const narrow = { viewport: { width: 360, height: 720 } } as const;

  describe.each([
    ['light', looks.light],
    ['dark', looks.dark],
    ['narrow', narrow],
  ] as const)('%s', (look, options) => {
    test('every screen about people, account and network can be read by everybody', async () => {
      const { page, engine, complaints } = await openLived(options);
      const findings: string[] = [];
      const show = async (name: string) => findings.push(...(await lookAt(page, `people-${name}-${look}`)));
      engine.setNickname(LENA, 'Lena from the desk');
      engine.setBlocked(TOMAS, true);
      engine.acceptRequest(TOMAS);
      engine.setDevices({
        since: Date.UTC(2026, 10, 3, 9),
        otherSeenAt: Date.UTC(2026, 10, 22, 18),
        pendingChanges: 2,
      });

      await page.getByRole('button', { name: 'Contacts' }).click();
      await page.getByRole('heading', { name: 'Contacts' }).waitFor();
      await page.getByText('1 blocked').waitFor();
      await show('contacts');
      await page.getByRole('button', { name: 'About Lena from the desk' }).click();
      await page.getByRole('dialog', { name: 'Details' }).waitFor();
      await show('contact');
      await page.getByRole('button', { name: 'Remove from my contacts' }).click();
      await page.getByRole('dialog', { name: /^Remove Lena/ }).waitFor();
      await show('remove');
      await page.keyboard.press('Escape');
      await page.getByRole('dialog', { name: /^Remove Lena/ }).waitFor({ state: 'detached' });
      await page.keyboard.press('Escape');

      await page.getByRole('button', { name: 'My account id' }).click();
      await page.getByRole('tab', { name: 'Contact link' }).click();
      await page.getByRole('button', { name: 'Make a contact link' }).click();
      await page.getByRole('img', { name: 'QR code of your contact link' }).waitFor();
      await show('contact-link');
      await page.keyboard.press('Escape');

      await page.getByRole('button', { name: 'Private route', exact: true }).click();
      await page.getByRole('button', { name: 'About this network' }).click();
      await page.getByText('Who signed what').waitFor();
      await show('network');
      await page.getByText('Who signed what').scrollIntoViewIfNeeded();
      await show('network-history');
      await page.getByRole('button', { name: 'Share this network' }).click();
      await page.getByRole('img', { name: 'QR code of the network' }).waitFor();
      await show('network-share');
      await page.keyboard.press('Escape');

      await page.getByRole('button', { name: 'Settings' }).click();
      await page.getByRole('heading', { name: 'Settings' }).waitFor();
      await show('settings');
      await page.getByText('Link previews').scrollIntoViewIfNeeded();
      await show('settings-privacy');
      await page.getByLabel('Connect through').selectOption('socks5');
      await page.getByLabel('Connect through').scrollIntoViewIfNeeded();
      await show('settings-proxy');
      await page.getByRole('button', { name: 'Devices of my account' }).click();
      await page.getByText('2 changes wait here').waitFor();
      await show('devices');
      expect(findings).toEqual([]);
      expect(complaints).toEqual([]);
    });

    test('what is set for a person', async () => {
      const { page, complaints } = await openLived(options);
      const findings: string[] = [];
      const show = async (name: string) => findings.push(...(await lookAt(page, `person-${name}-${look}`)));
      await page.locator(`[data-stop="${INES}"]`).click();
      await page.getByRole('button', { name: /(Show|Hide) details/ }).waitFor();
      const details = page.getByRole('button', { name: 'Show details' });
      if (await details.isVisible()) await details.click();
      await page.getByRole('button', { name: /^Disappearing messages Off/ }).waitFor();
      await show('panel');
      await page.getByRole('button', { name: /^Disappearing messages Off/ }).click();
      await page.getByRole('radio', { name: /After they were read/ }).click();
      await show('disappearing');
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: /^Notifications/ }).click();
      await show('notifications');
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: /^Block Ines/ }).click();
      await show('block');
      expect(findings).toEqual([]);
      expect(complaints).toEqual([]);
    });

    test('a network is looked at before it is joined', async () => {
      const door = new FakeDoor({ network: null });
      const { page, complaints } = await openDoor(door, options);
      const findings: string[] = [];
      const show = async (name: string) => findings.push(...(await lookAt(page, `join-${name}-${look}`)));
      await page.getByRole('heading', { name: 'Which network do you want to join?' }).waitFor();
      await show('input');
      const link = page.getByLabel('Or paste its link');
      await link.fill('sotto:network/broken');
      await page.getByRole('button', { name: 'Look at it' }).click();
      await page.getByText('This is not a network file or link').waitFor();
      await link.fill(networkLink(SAMPLE_NETWORK));
      await page.getByRole('button', { name: 'Look at it' }).click();
      await page.getByText('2 of 3 authorities together decide').waitFor();
      await page.getByText('All computers of this network are in one place.').waitFor();
      await expect.poll(() => page.locator('code').count()).toBe(3);
      await show('preview');
      expect(door.network()).toBeNull();
      await page.getByRole('button', { name: 'Join this network' }).click();
      await page.getByLabel('Display name').waitFor();
      expect(door.network()?.name).toBe('Field desk');
      expect(findings).toEqual([]);
      expect(complaints).toEqual([]);
    });
  });

  test('a network comes by a dropped file or a QR code, and its link brings others in', async () => {
    const door = new FakeDoor({ network: null });
    const { page } = await openDoor(door);
    await page.getByText('Drop the network file here').waitFor();
    await dropFile(page, 'big.sotto', 'x'.repeat(20_000));
    await page.getByText('This is too large to be a network file.').waitFor();
    await dropFile(page, 'field-desk.sotto', serializeNetworkFile(SAMPLE_NETWORK));
    await page.getByText('2 of 3 authorities together decide').waitFor();
    await page.getByRole('button', { name: 'Take another one' }).click();

    const { page: inside, context } = await openLived();
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await inside.getByRole('button', { name: 'Private route', exact: true }).click();
    await inside.getByRole('button', { name: 'About this network' }).click();
    await inside.getByRole('button', { name: 'Share this network' }).click();
    const code = await inside.getByRole('img', { name: 'QR code of the network' }).screenshot();
    await inside.getByRole('button', { name: 'Copy the link' }).click();
    await inside.getByText('Copied').waitFor();
    expect(await inside.evaluate(() => navigator.clipboard.readText())).toBe(networkLink(SAMPLE_NETWORK));

    const image = page.locator('input[type=file][accept="image/*"]');
    await image.setInputFiles({ name: 'code.png', mimeType: 'image/png', buffer: code });
    await page.getByText('2 of 3 authorities together decide').waitFor();
    await page.getByRole('button', { name: 'Join this network' }).press('Enter');
    await page.getByLabel('Display name').waitFor();
    expect(door.network()).toEqual(SAMPLE_NETWORK);
  });

  test('a network taken by mistake is changed before there is an account', async () => {
    const door = new FakeDoor({ network: SAMPLE_NETWORK });
    const { page, complaints } = await openDoor(door);
    await page.getByText('You are joining the network “Field desk”.').waitFor();
    await page.getByRole('button', { name: 'Take another one' }).click();
    await page.getByRole('button', { name: 'Back' }).click();
    await page.getByRole('button', { name: 'Take another one' }).click();
    const other = { ...SAMPLE_NETWORK, name: 'Harbour office' };
    await page.getByLabel('Or paste its link').fill(networkLink(other));
    await page.getByRole('button', { name: 'Look at it' }).click();
    await page.getByRole('button', { name: 'Join this network' }).click();
    await page.getByText('You are joining the network “Harbour office”.').waitFor();
    expect(door.network()?.name).toBe('Harbour office');
    expect(complaints).toEqual([]);
  });

  test('a closed dialog gives the focus back', async () => {
    const { page } = await openLived();
    for (const name of ['My account id', 'New conversation']) {
      const button = page.getByRole('button', { name, exact: true }).first();
      await button.press('Enter');
      await page.getByRole('dialog', { name }).waitFor();
      await page.keyboard.press('Escape');
      await expect.poll(() => button.evaluate((element) => element === document.activeElement)).toBe(true);
    }
  });

  test('a newer file of the network is taken, another network is not', async () => {
    const { page, door, engine } = await openLived();
    engine.setNetwork({
      id: previewNetwork(SAMPLE_NETWORK).id,
      successions: [{ number: 1, threshold: 2, authorities: [...AUTHORITIES], signers: AUTHORITIES.slice(0, 2) }],
      history: [
        { number: 7, validFrom: 1, signers: AUTHORITIES.slice(0, 2), nodes: 9, contradicts: false },
        { number: 7, validFrom: 1, signers: AUTHORITIES.slice(1), nodes: 8, contradicts: true },
      ],
    });
    await page.getByRole('button', { name: 'Settings' }).click();
    await page.getByRole('button', { name: 'About this network' }).click();
    await page.getByText('An authority signed two different lists').waitFor();
    await page.getByText('A second list with this number.').waitFor();
    await page.getByText('Change 1').waitFor();
    expect(await lookAt(page, 'people-network-contradiction')).toEqual([]);
    await page.getByRole('button', { name: 'Take a newer file' }).click();
    await page.getByLabel('Or paste its link').fill(networkLink({ ...SAMPLE_NETWORK, created: 1 }));
    await page.getByRole('button', { name: 'Look at it' }).click();
    await page.getByText('This is another network.').waitFor();
    expect(await page.getByRole('button', { name: 'Use this file' }).count()).toBe(0);
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: 'Take a newer file' }).click();
    await page.getByLabel('Or paste its link').fill(networkLink({ ...SAMPLE_NETWORK, seeds: [] }));
    await page.getByRole('button', { name: 'Look at it' }).click();
    await page.getByRole('button', { name: 'Use this file' }).click();
    await expect.poll(() => door.network()?.seeds).toEqual([]);
    await expect.poll(() => door.engine === engine).toBe(false);
  });

  test('of a network with a chain is told where its list comes from, and nothing of signers', async () => {
    const { page, engine } = await openLived();
    engine.setNetwork({
      chain: { seeds: [{ url: 'https://seed.test:4443', verified: true }] },
      authorities: [],
      threshold: 0,
      list: { number: 2_000_123, validFrom: Date.now(), validUntil: null, nodes: 1700, expired: false },
      history: [],
    });
    await page.getByRole('button', { name: 'Settings' }).click();
    await page.getByRole('button', { name: 'About this network' }).click();
    await page.getByText('The first list comes from one seed server.').waitFor();
    await page.getByText('seed.test:4443').waitFor();
    await page.getByText('2000123').waitFor();
    for (const text of ['Who decides', 'Who signed', 'authorities']) expect(await page.getByText(text).count()).toBe(0);
    expect(await lookAt(page, 'people-network-chain')).toEqual([]);
    const seeds = [{ url: 'http://seed.test', unverified: true }];
    const chain = JSON.stringify({ sotto: 1, name: 'A chain', chain: { id: 'a-chain', seeds } });
    await page.getByRole('button', { name: 'Take a newer file' }).click();
    await page.getByLabel('Or paste its link').fill(networkLink(parseAnyNetworkFile(chain)));
    await page.getByRole('button', { name: 'Look at it' }).click();
    await page.getByText('Not verified: whoever answers there is believed').waitFor();
    expect(await lookAt(page, 'people-network-chain-preview')).toEqual([]);
  });

  test('a picture is cropped with the keyboard, seen, and removed again', async () => {
    const { page, engine, complaints } = await openLived();
    await page.getByRole('button', { name: 'Settings' }).click();
    const file = page.locator('input[type=file]').first();
    await file.setInputFiles({ name: 'no.png', mimeType: 'image/png', buffer: Buffer.from('no') });
    await page.getByText('This file is not a picture').waitFor();
    await file.setInputFiles({ name: 'me.png', mimeType: 'image/png', buffer: await twoColours(page) });
    const part = page.getByRole('button', { name: /^Part of the picture/ });
    await part.waitFor();
    expect(await lookAt(page, 'people-picture')).toEqual([]);
    await part.focus();
    // The image is red on its left half and blue on its right one: far enough to the right all is blue.
    for (let step = 0; step < 12; step++) await page.keyboard.press('+');
    for (let step = 0; step < 40; step++) await page.keyboard.press('ArrowRight');
    await page.getByRole('button', { name: 'Use this picture' }).press('Enter');
    await expect.poll(() => engine.account().pictureVersion).not.toBeNull();
    const bytes = (await engine.readPicture(OWN_ID))!;
    expect([...bytes.subarray(0, 3)]).toEqual([0xff, 0xd8, 0xff]);
    expect(Buffer.from(bytes).includes('Exif')).toBe(false);
    const own = page.getByRole('navigation').locator('img');
    await own.waitFor();
    const seen = await own.evaluate(readPixel);
    expect(seen.width).toBeLessThanOrEqual(600);
    expect(seen.colour[2]! > 200 && seen.colour[0]! < 50).toBe(true);
    await page.getByRole('button', { name: 'Remove it' }).first().click();
    await expect.poll(() => engine.account().pictureVersion).toBeNull();
    await expect.poll(() => own.count()).toBe(0);
    // The browser itself notes a picture that it could not read.
    expect(complaints).toEqual([]);
  });

  test('contacts are found, named, blocked and removed', async () => {
    const { page, engine } = await openLived();
    await page.getByRole('button', { name: 'Contacts' }).click();
    engine.describe(LENA, { profileName: 'Lena K.' });
    const people = page.getByRole('main').getByRole('listitem');
    await expect.poll(() => people.count()).toBe(2);
    await page.getByRole('searchbox', { name: 'Search names and ids' }).fill('lena');
    await expect.poll(() => people.count()).toBe(1);
    await page.getByRole('button', { name: 'About Lena K.' }).press('Enter');
    await page.getByRole('button', { name: /^Nickname/ }).press('Enter');
    await page.getByRole('textbox', { name: 'Nickname' }).fill('The archive');
    await page.keyboard.press('Enter');
    await expect.poll(() => engine.conversation(LENA)?.nickname).toBe('The archive');
    // The search goes on by every name that somebody has.
    const details = page.getByRole('dialog', { name: 'Details' });
    await details.getByRole('button', { name: 'Block The archive' }).click();
    await page.getByRole('button', { name: 'Block', exact: true }).click();
    await expect.poll(() => engine.conversation(LENA)?.isBlocked).toBe(true);
    await page.getByText('1 blocked').waitFor();
    await details.getByRole('button', { name: 'Unblock The archive' }).click();
    await expect.poll(() => engine.conversation(LENA)?.isBlocked).toBe(false);
    await details.getByRole('button', { name: 'Remove from my contacts' }).click();
    await page.getByText('If they write again, it is a request.').waitFor();
    await page.getByRole('button', { name: 'Remove', exact: true }).click();
    await expect.poll(() => engine.conversation(LENA)).toBeNull();
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
    await page.getByRole('searchbox').fill('');
    await page.getByRole('button', { name: /^Ines Marchetti/ }).click();
    await page.getByRole('textbox', { name: /^Message to Ines/ }).waitFor();
  });

  test('somebody is reached by contact link, or by name where the network has names', async () => {
    const { page, engine } = await openLived();
    const other = `05${'ab'.repeat(32)}`;
    const box = page.getByRole('textbox', { name: 'Account id or contact link' });
    const begin = () => page.getByRole('button', { name: 'New conversation' }).first().click();
    await begin();
    await box.fill(networkLink(SAMPLE_NETWORK));
    await page.getByText('This is the link of a network').waitFor();
    await box.fill('alice');
    await page.getByRole('button', { name: 'Look it up' }).click();
    await page.getByText('This network has no names.').waitFor();
    engine.names = new Map([['alice', other]]);
    await box.fill('bob');
    await page.keyboard.press('Enter');
    await page.getByText('Nobody in this network has this name.').waitFor();
    await box.fill('Alice');
    await page.keyboard.press('Enter');
    await expect.poll(() => engine.conversation(other)).not.toBeNull();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await begin();
    await box.fill('sotto:nothing');
    await page.keyboard.press('Enter');
    await page.getByText('This is not a contact link').waitFor();
    await box.fill(`sotto:05${'cd'.repeat(32)}`);
    await page.getByText('reaches them without a request').waitFor();
    await page.keyboard.press('Enter');
    await expect.poll(() => engine.conversation(`05${'cd'.repeat(32)}`)).not.toBeNull();
  });

  test('a person is set apart: disappearing messages, quiet times, pins, the archive', async () => {
    const { page, engine } = await openLived();
    await page.locator(`[data-stop="${INES}"]`).click();
    const panel = page.getByRole('complementary', { name: 'Details' });
    await panel.getByRole('button', { name: /^Disappearing messages Off/ }).click();
    await page.getByRole('radio', { name: /After they were read/ }).click();
    await page.getByLabel('After', { exact: true }).selectOption({ label: '1 week' });
    await page.getByRole('button', { name: 'Save' }).click();
    await expect.poll(() => engine.conversation(INES)?.disappearing).toEqual({ mode: 'after-read', seconds: 604_800 });
    await panel.getByRole('button', { name: /^Notifications/ }).click();
    await page.getByRole('radio', { name: 'Only mentions' }).click();
    await expect.poll(() => engine.conversation(INES)?.notifications).toBe('mentions');
    await page.getByRole('button', { name: '8 hours' }).click();
    await page.getByText(/^Muted until/).waitFor();
    expect(engine.conversation(INES)!.mutedUntil! - Date.now()).toBeGreaterThan(7 * 3_600_000);
    await page.getByRole('button', { name: 'Turn it on again' }).click();
    await expect.poll(() => engine.conversation(INES)?.mutedUntil).toBeNull();
    await page.keyboard.press('Escape');
    await panel.getByRole('button', { name: 'Pin to the top' }).click();
    await expect.poll(() => engine.conversation(INES)?.isPinned).toBe(true);
    await panel.getByRole('switch', { name: 'Load files by themselves' }).click();
    await expect.poll(() => engine.conversation(INES)?.autoDownload).toBe(true);
    await panel.getByRole('button', { name: 'Archive' }).click();
    await panel.getByRole('button', { name: 'Take out of the archive' }).click();
    await expect.poll(() => engine.conversation(INES)?.isArchived).toBe(false);
    await panel.getByRole('button', { name: 'Save as a page' }).click();
    await page.getByLabel('Folder').fill('/somewhere/new');
    await page.getByRole('button', { name: 'Write the page' }).click();
    await page.getByText('/somewhere/new/index.html').waitFor();
    await page.getByRole('button', { name: 'Close' }).last().click();
    await panel.getByRole('button', { name: 'Delete the conversation' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete the conversation' }).click();
    await expect.poll(() => engine.conversation(INES)).toBeNull();
    await page.getByRole('heading', { name: 'Choose a conversation' }).waitFor();
  });

  test('settings are chosen one by one, and the browser is asked about notifications only then', async () => {
    const { page, engine, context } = await openLived();
    await page.getByRole('button', { name: 'Settings' }).click();
    for (const name of ['Read receipts', 'Typing indicators', 'Link previews']) {
      expect(await page.getByRole('switch', { name }).getAttribute('aria-checked')).toBe('false');
      await page.getByRole('switch', { name }).press('Space');
    }
    await expect
      .poll(() => engine.settings())
      .toMatchObject({ readReceipts: true, typingIndicators: true, linkPreviews: true });
    await context.grantPermissions(['notifications']);
    await page.reload();
    await page.getByRole('button', { name: 'Settings' }).click();
    await page.getByLabel('What they show').selectOption('nothing');
    await expect.poll(() => engine.settings().notificationContent).toBe('nothing');
    await page.getByRole('switch', { name: 'Notifications' }).click();
    await expect.poll(() => engine.settings().notifications).toBe(false);

    await page.getByLabel('Connect through').selectOption('socks5');
    expect(await page.getByLabel('Port').inputValue()).toBe('9050');
    await page.getByLabel('Port').fill('99999');
    await page.getByRole('button', { name: 'Use this proxy' }).click();
    await page.getByText('A number from 1 to 65535.').waitFor();
    await page.getByLabel('Port').fill('9150');
    await page.getByRole('button', { name: 'Use this proxy' }).click();
    await expect.poll(() => engine.settings().proxy).toEqual({ kind: 'socks5', host: '127.0.0.1', port: 9150 });
    await page.getByText('In use.').waitFor();
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Use this proxy');
    await page.getByLabel('Connect through').selectOption('none');
    // Arrow keys change a list of choices, too: that alone leads around no proxy.
    expect(engine.settings().proxy).not.toBeNull();
    await page.getByRole('button', { name: 'Connect without a proxy' }).click();
    await page.getByText('No proxy is used.').waitFor();
    expect(engine.settings().proxy).toBeNull();
    await expect.poll(() => page.evaluate(() => document.activeElement?.tagName)).toBe('SELECT');
  });

  test('a message that comes while one looks elsewhere is told, with as much as was chosen', async () => {
    const door = new FakeDoor({ exists: true });
    const { url } = await host(door);
    const engine = door.engine!;
    liveAWhile(engine, Date.now());
    const { page } = await openLink('about:blank');
    await page.addInitScript(() => {
      const shown: string[] = [];
      class Told {
        static permission = 'granted';
        onclick: () => void = () => {};
        constructor(title: string, { body }: { body: string }) {
          shown.push(`${title}|${body}`);
        }
        close() {}
      }
      Object.assign(globalThis, { Notification: Told, shown });
      document.hasFocus = () => false;
    });
    const shown = () => page.evaluate(() => (globalThis as unknown as { shown: string[] }).shown);
    await page.goto(url);
    await page.locator(`[data-stop="${LENA}"]`).waitFor();
    engine.add(LENA, 'in', 'One');
    await expect.poll(shown).toEqual(['Lena K.|New message']);
    engine.setMuted(LENA, Date.now() + 60_000);
    engine.add(LENA, 'in', 'Two');
    engine.setSettings({ notificationContent: 'name-and-text' });
    await page.reload();
    await page.locator(`[data-stop="${LENA}"]`).waitFor();
    engine.add(LENA, 'in', 'Three');
    engine.add(TOMAS, 'in', 'Not shown of a stranger');
    engine.add(INES, 'in', 'Four');
    await expect.poll(shown).toEqual(['Somebody new wrote to you|', 'Ines Marchetti|Four']);
    // As one reads it in the list: names instead of ids, and what carries no words is named.
    engine.add(INES, 'in', `@${OWN_ID} *look*`);
    engine.addMessage({
      conversationId: INES,
      direction: 'in',
      sentAt: Date.now(),
      attachments: [engine.file(null, { contentType: 'image/png', fileName: 'desk.png' })],
    });
    await expect
      .poll(async () => (await shown()).slice(2))
      .toEqual(['Ines Marchetti|@You look', 'Ines Marchetti|Picture']);
  });

  test('a restored account shows what arrives, and asks for a name only if none does', async () => {
    const door = new FakeDoor();
    const { page } = await openDoor(door);
    await page.clock.install();
    await page.getByRole('button', { name: 'I already have an account' }).click();
    await page.getByLabel('Recovery phrase').fill(PHRASE);
    await page.getByRole('button', { name: 'Restore my account' }).click();
    await page.getByText('Looking for your name…').waitFor();
    door.engine!.setAccount({ restoring: { stage: 'contacts', done: 2, of: 4 } });
    await page.getByText('Fetching your contacts…').waitFor();
    expect(await page.getByRole('progressbar').getAttribute('aria-valuenow')).toBe('50');
    expect(await lookAt(page, 'people-restoring')).toEqual([]);
    await page.clock.fastForward(5_000);
    expect(await page.getByLabel('What should people call you?').count()).toBe(0);
    await page.clock.fastForward(10_000);
    await page.getByLabel('What should people call you?').fill('Noor');
    expect(await lookAt(page, 'people-restoring-name')).toEqual([]);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Chats' }).waitFor();
    expect(door.engine!.account().name).toBe('Noor');
  });

  test('a name that arrives is not asked for', async () => {
    const door = new FakeDoor();
    const { page } = await openDoor(door);
    await page.getByRole('button', { name: 'I already have an account' }).click();
    await page.getByLabel('Recovery phrase').fill(PHRASE);
    await page.getByRole('button', { name: 'Restore my account' }).click();
    await page.getByText('Looking for your name…').waitFor();
    door.engine!.setAccount({ name: 'Noor' });
    await page.getByRole('heading', { name: 'Chats' }).waitFor();
  });

  test('a backup is saved, and brings everything back elsewhere', async () => {
    const { page } = await openLived();
    await page.getByRole('button', { name: 'Settings' }).click();
    await page.getByRole('button', { name: 'Make a backup' }).click();
    await page.getByLabel('Passphrase of the backup').fill('correct hörse');
    await page.getByLabel('The same once more').fill('correct hörse');
    const saving = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Make and save it' }).click();
    const backup = await saving;
    expect(backup.suggestedFilename()).toMatch(/^sotto-\d{4}-\d\d-\d\d\.backup$/);
    await page.getByText('The backup is among your downloads.').waitFor();

    const door = new FakeDoor();
    const { page: other } = await openDoor(door);
    await other.getByRole('button', { name: 'I already have an account' }).click();
    await other.getByRole('button', { name: 'I have a backup file' }).click();
    expect(await lookAt(other, 'people-restore-backup')).toEqual([]);
    await other.locator('input[type=file]').setInputFiles(await backup.path());
    await other.getByLabel('Passphrase of the backup').fill('wrong');
    await other.getByRole('button', { name: 'Restore everything' }).click();
    await other.getByText('That is not the passphrase of this backup.').waitFor();
    await other.getByLabel('Passphrase of the backup').fill('correct hörse');
    await other.getByRole('button', { name: 'Restore everything' }).click();
    await other.getByRole('heading', { name: 'Chats' }).waitFor();
  });

  test('a repair is told until it was read', async () => {
    const door = new FakeDoor({ exists: true });
    const { url } = await host(door);
    door.engine!.repaired = { at: 2, copyFrom: Date.UTC(2026, 10, 22, 7) };
    const { page } = await openLink(url);
    await page.getByText('Your messages were repaired').waitFor();
    expect(await lookAt(page, 'people-repaired')).toEqual([]);
    await page.getByRole('button', { name: 'I have read it' }).click();
    await expect.poll(() => page.getByText('Your messages were repaired').count()).toBe(0);
    expect(door.engine!.repair()).toBeNull();
  });

  test('pictures and files of a conversation stand together and lead to their messages', async () => {
    const { page, engine } = await openLived({ viewport: { width: 360, height: 720 } });
    const [note, picture] = await Promise.all([engine.keepFile(Buffer.from('note')), twoColours(page)]);
    const image = await engine.keepFile(picture);
    engine.send(INES, {
      body: 'The files of page nine',
      attachments: [
        { file: note, contentType: 'text/plain', fileName: 'ledger.txt' },
        { file: image, contentType: 'image/png', fileName: 'scan.png' },
      ],
    });
    await page.locator(`[data-stop="${INES}"]`).click();
    await page.getByRole('button', { name: 'Show details' }).click();
    await page.getByRole('button', { name: 'Pictures and files' }).click();
    await page
      .getByRole('button', { name: /^scan\.png/ })
      .locator('img')
      .waitFor();
    expect(await lookAt(page, 'person-files')).toEqual([]);
    await page.getByRole('button', { name: /ledger\.txt/ }).click();
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
    await page.getByText('The files of page nine').first().waitFor();
  });

  test('an account without a name and a proxy that fails are told of', async () => {
    const { page, engine } = await openLived();
    engine.setAccount({ name: '' });
    engine.setSettings({ proxy: { kind: 'socks5', host: '127.0.0.1', port: 9050 } });
    engine.setRoute({ state: 'offline', relays: [], roundTripMs: null, proxyProblem: 'unreachable' });
    await page.getByText('The proxy does not answer.').waitFor();
    await page.getByRole('button', { name: 'Choose a name' }).click();
    await page.getByRole('heading', { name: 'Settings' }).waitFor();
    await page.getByText('The proxy does not answer.').waitFor();
    engine.setAccount({ name: 'Noor', restoring: { stage: 'messages', done: 3, of: 4 } });
    await page.getByRole('button', { name: /^Chats/ }).click();
    await page.getByText('Fetching messages that still lie in your mailbox').waitFor();
    expect(await page.getByRole('button', { name: 'Choose a name' }).count()).toBe(0);
  });

  test('with the real engine: joined network, picture and contact link hold over a restart', async () => {
    const root = await mkdtemp(join(tmpdir(), 'sotto-people-'));
    afterwards(() => rm(root, { recursive: true }));
    /** Nobody answers there; everything has to work without. */
    const network = { ...SAMPLE_NETWORK, seeds: [], authorities: SAMPLE_NETWORK.authorities.map(unreachable) };
    const start = async (profile: string) => {
      const folder = join(root, profile);
      const kept = await readFile(profileNetworkPath(folder), 'utf8').catch(() => null);
      const host = await startHost({ folder, network: kept === null ? null : parseNetworkFile(kept), port: 0 });
      afterwards(() => host.close());
      return { host, ...(await openLink(host.url)) };
    };
    const beginIn = async (page: Page, name: string) => {
      await page.getByLabel('Or paste its link').fill(networkLink(network));
      await page.getByRole('button', { name: 'Look at it' }).click();
      await page.getByRole('button', { name: 'Join this network' }).click();
      await page.getByLabel('Display name').fill(name);
      await page.getByRole('button', { name: 'Create my account' }).click();
      await page.getByRole('button', { name: 'Do this later' }).click();
      await page.getByRole('heading', { name: 'Chats' }).waitFor();
    };

    const first = await start('noor');
    await beginIn(first.page, 'Noor');
    await first.page.getByRole('button', { name: 'Settings' }).click();
    const image = { name: 'me.png', mimeType: 'image/png', buffer: await twoColours(first.page) };
    await first.page.locator('input[type=file]').first().setInputFiles(image);
    await first.page.getByRole('button', { name: 'Use this picture' }).click();
    await first.page.getByRole('navigation').locator('img').waitFor();
    await first.context.close();
    await first.host.close();

    const again = await start('noor');
    await again.page.getByRole('navigation').locator('img').waitFor();
    await again.page.getByRole('button', { name: 'Private route', exact: true }).click();
    await again.page.getByRole('button', { name: 'About this network' }).click();
    await again.page.getByText('No list of computers has arrived yet.').waitFor();
    await expect.poll(() => again.page.getByText('Authority 3').count()).toBe(1);
    await again.page.getByRole('button', { name: 'My account id' }).click();
    await again.page.getByRole('tab', { name: 'Contact link' }).click();
    await again.page.getByRole('button', { name: 'Make a contact link' }).click();
    const link = await again.page.getByText(/^sotto:/).innerText();

    const second = await start('ines');
    await beginIn(second.page, 'Ines');
    await second.page.getByRole('button', { name: 'New conversation' }).first().click();
    await second.page.getByRole('textbox', { name: 'Account id or contact link' }).fill(link);
    await second.page.keyboard.press('Enter');
    // The link brings the name along.
    await second.page.getByRole('textbox', { name: 'Message to Noor' }).waitFor();
  });
});

function unreachable<Authority extends { readonly urls: readonly string[] }>(authority: Authority): Authority {
  return { ...authority, urls: ['https://127.0.0.1:9'] };
}

async function dropFile(page: Page, name: string, text: string): Promise<void> {
  const transfer = await page.evaluateHandle(
    ([name, text]) => {
      const data = new DataTransfer();
      data.items.add(new File([text!], name!));
      return data;
    },
    [name, text],
  );
  await page.dispatchEvent('body', 'drop', { dataTransfer: transfer });
}

/** An image of 900×600, red on its left and blue on its right half. */
async function twoColours(page: Page): Promise<Buffer> {
  const base64 = await page.evaluate(() => {
    const canvas = document.createElement('canvas');
    canvas.width = 900;
    canvas.height = 600;
    const context = canvas.getContext('2d')!;
    context.fillStyle = '#ff0000';
    context.fillRect(0, 0, 450, 600);
    context.fillStyle = '#0000ff';
    context.fillRect(450, 0, 450, 600);
    return canvas.toDataURL('image/png').split(',')[1]!;
  });
  return Buffer.from(base64, 'base64');
}

function readPixel(element: SVGElement | HTMLElement): { width: number; colour: number[] } {
  const image = element as HTMLImageElement;
  const canvas = document.createElement('canvas');
  canvas.width = image.naturalWidth;
  canvas.height = image.naturalHeight;
  const context = canvas.getContext('2d')!;
  context.drawImage(image, 0, 0);
  return { width: image.naturalWidth, colour: [...context.getImageData(1, 1, 1, 1).data] };
}
