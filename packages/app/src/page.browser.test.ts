/// <reference lib="dom" />
import type { BrowserContextOptions, Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { browserForTests } from './testing/browser.ts';
import { FakeDoor } from './testing/fake-door.ts';
import { OWN_ID, PHRASE } from './testing/fake-engine.ts';
import { INES, LENA, liveAWhile, TOMAS } from './testing/fake-life.ts';
import { inBrowser } from './testing/in-browser.ts';
import { hasFocus, hostOver, lookAt } from './testing/page-driver.ts';

const chromium = browserForTests();

describe.skipIf(chromium === null)('the page in a browser', { timeout: 120_000 }, () => {
  const { host, openLink, openDoor } = inBrowser(chromium);

  /** A window on a profile that has been in use for some days. */
  async function openLived(options: BrowserContextOptions = {}) {
    const door = new FakeDoor({ exists: true });
    const { url } = await host(door);
    const engine = door.engine!;
    engine.setSettings({ phraseConfirmed: true });
    liveAWhile(engine, Date.now());
    return { engine, ...(await openLink(url, options)) };
  }

  /** Where something stands once nothing moves any more, in px from the top. */
  async function restingPlace(page: Page, text: string): Promise<number> {
    const place = async () => (await page.getByText(text).boundingBox())?.y ?? Number.NaN;
    let y = await place();
    await expect
      .poll(
        async () => {
          const before = y;
          y = await place();
          return Math.abs(y - before);
        },
        { interval: 120 },
      )
      .toBe(0);
    return y;
  }

  async function chooseWord(page: Page, ask: string, right: boolean) {
    const group = page.getByRole('radiogroup', { name: ask });
    const word = PHRASE.split(' ')[Number(/\d+/.exec(ask)![0]) - 1]!;
    const choices = await group.getByRole('radio').allInnerTexts();
    await group
      .getByRole('radio', { name: right ? word : choices.find((choice) => choice !== word)!, exact: true })
      .click();
  }

  describe.each(['light', 'dark'] as const)('in the %s theme', (colorScheme) => {
    test('a newcomer makes an account, writes the phrase down, and sends a first message', async () => {
      const door = new FakeDoor();
      const { page, complaints } = await openDoor(door, { colorScheme });
      const findings: string[] = [];
      const look = async (name: string) => findings.push(...(await lookAt(page, `${name}-${colorScheme}`)));

      await page.getByLabel('Display name').fill('Noor');
      expect(new URL(page.url()).hash).toBe('');
      await look('welcome');
      await page.getByRole('button', { name: 'Create my account' }).click();

      await page.getByRole('heading', { name: 'Your recovery phrase' }).waitFor();
      const words = page.getByRole('list', { name: 'The 13 words of your recovery phrase' }).getByRole('listitem');
      await expect.poll(() => words.count()).toBe(13);
      await look('phrase');
      await page.getByRole('button', { name: 'I wrote it down' }).click();
      const asks = await page.getByRole('heading', { level: 2 }).allInnerTexts();
      expect(asks).toHaveLength(2);
      for (const ask of asks) await chooseWord(page, ask, false);
      await page.getByRole('button', { name: 'Confirm' }).click();
      await page.getByText('Not quite.').waitFor();
      await look('phrase-check');
      for (const ask of asks) await chooseWord(page, ask, true);
      await page.getByRole('button', { name: 'Confirm' }).click();

      await page.getByRole('heading', { name: "It's quiet here" }).waitFor();
      expect(door.engine!.settings().phraseConfirmed).toBe(true);
      await look('empty');
      await page.getByRole('button', { name: 'Share my account id' }).click();
      await page.getByRole('img', { name: 'QR code of your account id' }).waitFor();
      await look('own-id');
      await page.keyboard.press('Escape');

      await page.getByRole('button', { name: 'Start a conversation' }).click();
      const id = page.getByRole('textbox', { name: 'Account id or contact link' });
      await id.fill(`04${INES.slice(2)}`);
      await page.getByText('An account id begins with 05.').waitFor();
      await look('new-conversation');
      await id.fill(`  ${INES.toUpperCase()}\n`);
      await page.getByText('This is a valid account id.').waitFor();
      await page.getByRole('button', { name: 'Start', exact: true }).click();

      const composer = page.getByRole('textbox', { name: /^Message to/ });
      await composer.fill('Hello Ines');
      await look('first-message');
      await composer.press('Enter');
      await page.getByText('Sending', { exact: true }).waitFor();
      const message = door.engine!.conversation(INES)!.lastMessage!;
      expect(message.body).toBe('Hello Ines');
      door.engine!.deliver(message.id, 'failed');
      await page.getByText('Not sent. The network could not be reached.').waitFor();
      await page.getByRole('button', { name: 'Try again' }).click();
      await expect.poll(() => door.engine!.conversation(INES)!.lastMessage!.delivery).toBe('sending');
      door.engine!.deliver(message.id, 'stored');
      await page.getByText('In their mailbox').waitFor();

      expect(findings).toEqual([]);
      expect(complaints).toEqual([]);
    });

    test('every screen of a messenger in use can be read by everybody', async () => {
      const { page, engine, complaints } = await openLived({ colorScheme });
      const findings: string[] = [];
      const look = async (name: string) => findings.push(...(await lookAt(page, `${name}-${colorScheme}`)));
      await page.getByRole('heading', { name: 'Choose a conversation' }).waitFor();
      await look('chats');
      await page.getByRole('button', { name: /^Ines Marchetti/ }).click();
      await page.getByText('Two names are missing on page nine.').last().waitFor();
      await look('thread');
      await page.getByRole('button', { name: /^Tomas/ }).click();
      await page.getByText('Tomas wrote to you for the first time').waitFor();
      await look('request');
      engine.setRoute({ state: 'offline', relays: [], roundTripMs: null, directoryExpired: true });
      await page.getByText("The network can't be reached.").waitFor();
      await look('offline');
      engine.setRoute({ state: 'connecting', relays: [], roundTripMs: null });
      await page.getByText('Finding a private route…').waitFor();
      engine.setRoute({});
      await page.getByRole('button', { name: 'Private route', exact: true }).click();
      await page.getByText('Entry relay').waitFor();
      await look('route');
      await page.getByRole('button', { name: 'Settings' }).click();
      await page.getByRole('heading', { name: 'Settings' }).waitFor();
      await look('settings');
      await page.getByRole('button', { name: 'Show the recovery phrase' }).click();
      await look('settings-ask');
      await page.getByRole('button', { name: 'Show the words' }).click();
      await page.getByRole('list', { name: 'The 13 words of your recovery phrase' }).waitFor();
      await look('settings-phrase');
      await page.getByRole('button', { name: 'Hide the words' }).click();
      await page.getByRole('button', { name: 'Set a passphrase' }).click();
      await page.getByLabel('New passphrase').waitFor();
      await look('settings-passphrase');
      expect(findings).toEqual([]);
      expect(complaints).toEqual([]);
    });

    test('a narrow window shows one pane at a time', async () => {
      const { page, complaints } = await openLived({ colorScheme, viewport: { width: 390, height: 780 } });
      const findings: string[] = [];
      const look = async (name: string) => findings.push(...(await lookAt(page, `${name}-${colorScheme}`)));
      await page.getByRole('button', { name: /^Ines Marchetti/ }).waitFor();
      await look('narrow-chats');
      await page.getByRole('button', { name: /^Ines Marchetti/ }).click();
      await page.getByText('Two names are missing on page nine.').waitFor();
      expect(await page.getByRole('heading', { name: 'Chats' }).count()).toBe(0);
      await look('narrow-thread');
      await page.getByRole('button', { name: 'Show details' }).click();
      await page.getByRole('dialog', { name: 'Details' }).waitFor();
      await look('narrow-details');
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'Back' }).click();
      await page.getByRole('heading', { name: 'Chats' }).waitFor();
      await page.getByRole('button', { name: 'Settings' }).click();
      await page.getByRole('heading', { name: 'Settings' }).waitFor();
      await look('narrow-settings');
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(overflow).toBe(0);
      expect(findings).toEqual([]);
      expect(complaints).toEqual([]);
    });
  });

  test('at 200 % zoom everything can still be reached', async () => {
    // A window of 1280 × 800 has half of both in CSS pixels then.
    const { page, engine } = await openLived({ viewport: { width: 640, height: 400 } });
    await page.getByRole('heading', { name: 'Chats' }).waitFor();
    engine.setSettings({ phraseConfirmed: false });
    await page.reload();
    await page.getByText('Write down your recovery phrase').waitFor();
    expect(await lookAt(page, 'zoomed-chats')).toEqual([]);
    const cutChips = page
      .getByRole('radiogroup', { name: 'Show' })
      .evaluate((chips) => chips.scrollHeight - chips.clientHeight);
    expect(await cutChips).toBe(0);
    await page.getByRole('button', { name: /^Lena K\./ }).click();
    await page.getByRole('textbox', { name: 'Message to Lena K.' }).fill('Yes');
    expect(await lookAt(page, 'zoomed-thread')).toEqual([]);
    await page.getByRole('button', { name: 'Send' }).click();
    await expect.poll(() => engine.conversation(LENA)!.lastMessage!.body).toBe('Yes');
    await page.getByRole('button', { name: 'Show details' }).click();
    await page.getByText('3 copies').scrollIntoViewIfNeeded();
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(overflow).toBe(0);
  });

  test('the whole way goes by keyboard alone', async () => {
    const door = new FakeDoor();
    const { page } = await openDoor(door);
    const focused = () =>
      page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent);
    const tabTo = async (name: string) => {
      for (let press = 0; press < 30; press++) {
        if ((await focused())?.startsWith(name)) return;
        await page.keyboard.press('Tab');
      }
      throw new Error(`the Tab key never reached ${name}; it stands on ${await focused()}`);
    };
    await page.getByLabel('Display name').waitFor();
    await page.keyboard.type('Noor');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Your recovery phrase' }).waitFor();
    await tabTo('Do this later');
    await page.keyboard.press('Enter');
    await page.getByText('Write down your recovery phrase').waitFor();
    await tabTo('New conversation');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').locator(':focus').waitFor();
    await page.keyboard.type(LENA);
    await page.keyboard.press('Enter');
    await hasFocus(page.getByRole('textbox', { name: /^Message to/ }));
    await page.keyboard.type('first line');
    await page.keyboard.press('Shift+Enter');
    await page.keyboard.type('second line');
    await page.keyboard.press('Enter');
    await expect.poll(() => door.engine!.conversation(LENA)?.lastMessage?.body).toBe('first line\nsecond line');

    await page.keyboard.press('Escape');
    await expect.poll(focused).toContain('first line');
    await page.keyboard.press('ArrowDown');
    await expect.poll(focused).toContain('Note to self');
    await page.keyboard.press('Home');
    await expect.poll(focused).toContain('first line');
    await page.keyboard.press('End');
    await page.keyboard.press('Enter');
    await hasFocus(page.getByRole('textbox', { name: 'Write a note' }));
    await page.keyboard.type('remember');
    await page.keyboard.press('Enter');
    await expect.poll(() => door.engine!.conversation(OWN_ID)?.lastMessage?.body).toBe('remember');
    await page.reload();
    await page.getByRole('heading', { name: 'Chats' }).waitFor();
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('Skip to the main part');
  });

  test('a page that leads to another one gets the focus back where one left it', async () => {
    const { page } = await openLived();
    const focused = page.locator(':focus');
    await page.getByRole('button', { name: 'Settings', exact: true }).click();
    for (const [button, title] of [
      ['Devices of my account', 'Devices'],
      ['About this network', 'Network'],
    ] as const) {
      await page.getByRole('button', { name: button }).focus();
      await page.keyboard.press('Enter');
      await focused.and(page.getByRole('heading', { name: title, level: 1 })).waitFor();
      await page.keyboard.press('Escape');
      await focused.and(page.getByRole('button', { name: button })).waitFor();
    }
    await page.keyboard.press('Escape');
    await focused.and(page.getByRole('button', { name: /^Ines Marchetti/ })).waitFor();
  });

  test('with the colours of the system one sees what is chosen and what is on', async () => {
    const { page } = await openLived({ forcedColors: 'active' });
    const outline = (row: RegExp) =>
      page.getByRole('button', { name: row }).evaluate((element) => getComputedStyle(element).outlineStyle);
    await page.getByRole('button', { name: /^Ines Marchetti/ }).click();
    await page.getByRole('textbox', { name: 'Message to Ines Marchetti' }).waitFor();
    expect(await outline(/^Ines Marchetti/)).toBe('solid');
    expect(await outline(/^Lena K\./)).toBe('none');
    const paint = (element: Element) => getComputedStyle(element).backgroundColor;
    const toggle = page.getByRole('switch', { name: 'Load files by themselves' });
    const off = await toggle.evaluate(paint);
    expect(await toggle.locator('span').evaluate(paint)).not.toBe(off);
    await toggle.click();
    await expect.poll(() => toggle.evaluate(paint)).not.toBe(off);
    expect(await lookAt(page, 'forced-colours')).toEqual([]);
    await page.getByRole('button', { name: 'My account id', exact: true }).click();
    // A code that no camera can read is none.
    const code = page.getByRole('img', { name: 'QR code of your account id' });
    expect(await code.evaluate(paint)).toBe('rgb(255, 255, 255)');
  });

  test('a long conversation loads older pages without moving what one reads', async () => {
    const { page, engine } = await openLived();
    await page.getByRole('button', { name: /^Ines Marchetti/ }).click();
    await page.getByText('Two names are missing on page nine.').last().waitFor();
    const list = page.getByRole('region', { name: 'Messages' });
    const distance = () => list.evaluate((element) => element.scrollHeight - element.clientHeight - element.scrollTop);
    await expect.poll(distance).toBeLessThan(2);

    engine.add(INES, 'in', 'One more thing.');
    await page.getByText('One more thing.').last().waitFor();
    await expect.poll(distance).toBeLessThan(2);
    await expect.poll(() => engine.conversation(INES)!.unread).toBe(0);

    // Up, page by page: the first line of the first day arrives, and what is on the screen keeps its place meanwhile.
    await list.hover();
    await expect
      .poll(
        async () => {
          await page.mouse.wheel(0, -600);
          return page.getByText('Day 1, line 1.').count();
        },
        { timeout: 20_000, interval: 60 },
      )
      .toBe(1);
    const before = await restingPlace(page, 'Day 1, line 5.');
    engine.add(INES, 'in', 'Still there?');
    await page.getByRole('button', { name: 'Go to the newest message' }).waitFor();
    expect(engine.conversation(INES)!.unread).toBe(1);
    expect(Math.abs((await restingPlace(page, 'Day 1, line 5.')) - before)).toBeLessThan(2);

    // Leaving and coming back finds the same place.
    await page.getByRole('button', { name: /^Lena K\./ }).click();
    await page.getByText('Are you at the desk on Thursday?').last().waitFor();
    await page.getByRole('button', { name: /^Ines Marchetti/ }).click();
    await page.getByText('Day 1, line 5.').waitFor();
    expect(Math.abs((await restingPlace(page, 'Day 1, line 5.')) - before)).toBeLessThan(2);

    await page.getByRole('button', { name: 'Go to the newest message' }).click();
    await expect.poll(() => engine.conversation(INES)!.unread).toBe(0);
    await expect.poll(distance).toBeLessThan(2);
  });

  test('loading an older page keeps the message under the eye', async () => {
    const { page } = await openLived();
    await page.getByRole('button', { name: /^Ines Marchetti/ }).click();
    const list = page.getByRole('region', { name: 'Messages' });
    await page.getByText('Two names are missing on page nine.').last().waitFor();
    // To the beginning of what is loaded at once: the older page comes above it.
    const shown = await list.evaluate((element) => {
      element.scrollTop = 300;
      return new Promise<string>((resolve) =>
        requestAnimationFrame(() => {
          const { left, top, width } = element.getBoundingClientRect();
          resolve(document.elementFromPoint(left + width - 60, top + 200)?.textContent ?? '');
        }),
      );
    });
    const line = /Day \d, line \d+\./.exec(shown)![0];
    const y = (await page.getByText(line).boundingBox())!.y;
    await expect.poll(() => list.evaluate((element) => element.scrollTop)).toBeGreaterThan(800);
    expect(Math.abs((await restingPlace(page, line)) - y)).toBeLessThan(2);
  });

  test('the title counts what is unread, and a message elsewhere is said aloud', async () => {
    const { page, engine } = await openLived();
    await page.getByRole('heading', { name: 'Chats' }).waitFor();
    await expect.poll(() => page.title()).toBe('(3) Noor · Sotto');
    engine.add(LENA, 'in', 'Hello?');
    await expect.poll(() => page.title()).toBe('(4) Noor · Sotto');
    await expect.poll(() => page.getByRole('log').textContent()).toBe('New message from Lena K.');
    await page.getByRole('button', { name: /^Lena K\./ }).click();
    await page.getByText('New messages').waitFor();
    await expect.poll(() => page.title()).toBe('(2) Noor · Sotto');
    await page.getByRole('radio', { name: 'Requests · 1' }).click();
    expect(await page.getByRole('list', { name: 'Conversations' }).getByRole('listitem').count()).toBe(1);
    await page.getByRole('button', { name: /^Tomas/ }).click();
    await page.getByRole('textbox', { name: 'Message to Tomas' }).fill('Hello Tomas');
    await page.keyboard.press('Enter');
    await expect.poll(() => engine.conversation(TOMAS)!.isRequest).toBe(false);
    await expect.poll(() => page.getByText('for the first time').count()).toBe(0);
  });

  test('a text near the limit is counted and one above it is not sent', async () => {
    const { page, engine } = await openLived();
    await page.getByRole('button', { name: /^Lena K\./ }).click();
    const composer = page.getByRole('textbox', { name: 'Message to Lena K.' });
    // Code points, not UTF-16 units: each of these has two units.
    await composer.fill('🌊'.repeat(1_900));
    await page.getByText('100 characters left').waitFor();
    await composer.fill('🌊'.repeat(2_001));
    await page.getByText('1 character too many').waitFor();
    expect(await page.getByRole('button', { name: 'Send' }).isDisabled()).toBe(true);
    await composer.press('Enter');
    await composer.fill('short');
    await composer.press('Enter');
    await expect.poll(() => engine.conversation(LENA)!.lastMessage!.body).toBe('short');
    expect(engine.messages(LENA).messages).toHaveLength(2);
  });

  test('whoever writes faster than the engine answers loses nothing', async () => {
    const { engine, page } = await openLived();
    // Before that, the link may be used and the session not yet kept.
    await page.getByRole('button', { name: /^Lena/ }).waitFor();
    // Answers come late, and in their order.
    await page.routeWebSocket(/engine/, (socket) => {
      socket.connectToServer().onMessage((answer) => void setTimeout(() => socket.send(answer), 300));
    });
    await page.reload();
    await page.getByRole('button', { name: /^Lena/ }).click();
    const composer = page.getByRole('textbox', { name: /^Message to/ });
    await hasFocus(composer);
    for (const text of ['one', 'two', 'three']) {
      await page.keyboard.type(text);
      await page.keyboard.press('Enter');
    }
    const bodies = () => engine.messages(LENA).messages.map(({ body }) => body);
    await expect.poll(() => bodies().slice(-3)).toEqual(['one', 'two', 'three']);
    expect(await composer.inputValue()).toBe('');
  });

  test('what is written while files are on their way stays, and what was refused comes back', async () => {
    const { engine, page } = await openLived();
    let answer: (refuse: boolean) => void = () => {};
    await page.route('**/files', async (route) => {
      const refuse = await new Promise<boolean>((resolve) => {
        answer = resolve;
      });
      await (refuse ? route.fulfill({ status: 507, body: '' }) : route.continue());
    });
    await page.getByRole('button', { name: /^Lena/ }).click();
    const composer = page.getByRole('textbox', { name: /^Message to/ });
    const files = page.getByRole('list', { name: 'Files to send' }).getByRole('listitem');
    const add = (name: string) =>
      page
        .getByLabel('Add files')
        .and(page.locator('input'))
        .setInputFiles({ name, mimeType: 'text/plain', buffer: Buffer.from(name) });
    const send = async (text: string) => {
      const asked = page.waitForRequest('**/files');
      await composer.fill(text);
      await page.getByRole('button', { name: 'Send', exact: true }).click();
      await asked;
      await expect.poll(() => composer.inputValue()).toBe('');
    };
    await add('first.txt');
    await send('With a file');
    await composer.fill('Written meanwhile');
    await add('second.txt');
    answer(false);
    await expect.poll(() => engine.conversation(LENA)!.lastMessage!.body).toBe('With a file');
    await expect.poll(() => files.count()).toBe(1);
    expect(await composer.inputValue()).toBe('Written meanwhile');

    await send('Refused');
    await composer.fill('And this');
    answer(true);
    await expect.poll(() => composer.inputValue()).toBe('Refused\nAnd this');
    expect(await files.count()).toBe(1);

    await send('Refused elsewhere');
    await page.getByRole('button', { name: /^Ines Marchetti/ }).click();
    await page.getByRole('textbox', { name: /^Message to Ines/ }).waitFor();
    answer(true);
    await expect.poll(() => engine.conversation(LENA)!.draft).toBe('Refused elsewhere');
  });

  test('writing a long text keeps the newest message in sight', async () => {
    const { page } = await openLived({ viewport: { width: 360, height: 640 } });
    await page.getByRole('button', { name: /^Ines Marchetti/ }).click();
    const composer = page.getByRole('textbox', { name: /^Message to/ });
    const fromEnd = () =>
      page
        .getByRole('region', { name: 'Messages' })
        .evaluate(({ scrollHeight, scrollTop, clientHeight }) => Math.round(scrollHeight - scrollTop - clientHeight));
    await expect.poll(fromEnd).toBeLessThan(2);
    for (const text of ['line\n'.repeat(30), 'y '.repeat(1_005), 'short']) {
      await composer.fill(text);
      await composer.pressSequentially('abc');
      await restingPlace(page, 'Two names are missing');
      await expect.poll(fromEnd).toBeLessThan(2);
    }
  });

  test('what is written while the host is away stays in the box', async () => {
    const door = new FakeDoor({ exists: true });
    const running = await hostOver(door);
    liveAWhile(door.engine!, Date.now());
    const { page } = await openLink(running.url);
    await page.getByRole('button', { name: /^Lena/ }).click();
    const composer = page.getByRole('textbox', { name: /^Message to/ });
    await composer.fill('Not lost');
    await running.close();
    await page.getByText("Sotto doesn't answer on this computer.").waitFor();
    await composer.press('Enter');
    expect(await composer.inputValue()).toBe('Not lost');
    expect(await page.getByRole('button', { name: 'Send' }).isDisabled()).toBe(true);
  });

  test('neither a long name nor one that turns directions disturbs the thread', async () => {
    const { engine, page } = await openLived({ viewport: { width: 360, height: 640 } });
    engine.describe(LENA, { name: 'a very long name that goes on and on so that no window can hold it, really' });
    engine.describe(TOMAS, { name: '\u202eTomas' });
    await page.getByRole('button', { name: /^a very long name/ }).click();
    const last = page.getByRole('button', { name: 'Record a voice message' });
    expect((await last.boundingBox())!.x).toBeLessThan(320);
    engine.add(LENA, 'in', 'שלום', Date.now());
    const greeting = page.locator('[data-message]').filter({ hasText: 'שלום' });
    // The time stands left of what is read from the right, and apart from it.
    const gap = greeting.evaluate((bubble) => {
      const words = document.createRange();
      const text = document.createTreeWalker(bubble, NodeFilter.SHOW_TEXT);
      while (text.nextNode()?.textContent !== 'שלום');
      words.selectNode(text.currentNode);
      return words.getBoundingClientRect().left - bubble.querySelector('bdi')!.getBoundingClientRect().right;
    });
    expect(await gap).toBeGreaterThanOrEqual(8);
    await page.getByRole('button', { name: 'Back' }).click();
    await page.getByRole('button', { name: /^Tomas/ }).click();
    expect(await page.getByText('wrote to you for the first time').innerText()).toBe(
      'Tomas wrote to you for the first time.',
    );
  });

  test('an account comes back from its phrase, and a wrong word is named', async () => {
    const door = new FakeDoor();
    const { page, complaints } = await openDoor(door);
    await page.getByRole('button', { name: 'I already have an account' }).click();
    const phrase = page.getByLabel('Recovery phrase');
    await phrase.fill(PHRASE.replace('tiger', 'tigrrr').replace('lamb', 'xylon'));
    await page.getByRole('button', { name: 'Restore my account' }).click();
    await page.getByText('7 xylon').waitFor();
    expect(await lookAt(page, 'restore')).toEqual([]);
    await phrase.fill(PHRASE.split(' ').reverse().join(' '));
    await page.getByRole('button', { name: 'Restore my account' }).click();
    await page.getByText("together they don't fit").waitFor();
    await phrase.fill(PHRASE.slice(0, -6));
    await page.getByRole('button', { name: 'Restore my account' }).click();
    await page.getByText('There are 12 words.').waitFor();
    await phrase.fill(PHRASE);
    await page.getByRole('button', { name: 'Restore my account' }).click();
    await page.getByRole('button', { name: 'Go on, the rest arrives by itself' }).click();
    await page.getByRole('heading', { name: 'Chats' }).waitFor();
    expect(door.engine!.settings().phraseConfirmed).toBe(true);
    expect(complaints).toEqual([]);
  });

  test('a locked profile asks for its passphrase, and settings change it', async () => {
    const door = new FakeDoor({ exists: true, passphrase: 'correct horse' });
    const { page } = await openDoor(door);
    await page.getByLabel('Passphrase').fill('wrong horse');
    await page.keyboard.press('Enter');
    await page.getByText('That is not the passphrase.').waitFor();
    expect(await lookAt(page, 'unlock')).toEqual([]);
    await page.getByLabel('Passphrase').fill('correct horse');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Chats' }).waitFor();
    await page.getByRole('button', { name: 'Settings' }).click();
    await page.getByRole('button', { name: 'Remove it' }).click();
    await page.getByLabel('Current passphrase').fill('correct horse');
    await page.getByRole('button', { name: 'Remove it' }).click();
    await page.getByRole('button', { name: 'Set a passphrase' }).waitFor();
    expect(await door.state()).toBe('ready');
  });

  test('two windows show the same, and theme and name change in both', async () => {
    const door = new FakeDoor({ exists: true });
    const running = await host(door);
    const { page: one, context } = await openLink(running.url);
    await one.getByRole('heading', { name: 'Chats' }).waitFor();
    const two = await context.newPage();
    await two.goto(`http://127.0.0.1:${running.port}/`);
    await two.getByRole('heading', { name: 'Chats' }).waitFor();
    await one.getByRole('button', { name: 'Settings' }).click();
    await one.getByRole('radio', { name: 'Dark' }).click();
    await two.waitForFunction(() => document.documentElement.dataset.theme === 'dark');
    await one.getByLabel('Display name').fill('Noor B.');
    await one.getByRole('button', { name: 'Save' }).click();
    await expect.poll(() => two.title()).toBe('Noor B. · Sotto');
    door.engine!.add(INES, 'in', 'Hello both');
    await two.getByText('Hello both').waitFor();
  });

  test('a QR code in an image opens a conversation', async () => {
    const { page } = await openLived();
    await page.getByRole('button', { name: 'My account id' }).first().click();
    const code = await page.getByRole('img', { name: 'QR code of your account id' }).screenshot();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'New conversation' }).first().click();
    await page.locator('input[type=file]').setInputFiles({ name: 'id.png', mimeType: 'image/png', buffer: code });
    await page.getByText('This is your own id').waitFor();
    expect(await page.getByRole('textbox', { name: 'Account id or contact link' }).inputValue()).toBe(OWN_ID);
    await page
      .locator('input[type=file]')
      .setInputFiles({ name: 'x.png', mimeType: 'image/png', buffer: Buffer.from('no') });
    await page.getByText('There is no QR code in this image.').waitFor();
    await page.getByRole('button', { name: 'Scan a QR code' }).click();
    await page.getByText('The camera could not be used.').waitFor();
  });

  test('without a session there is one plain sentence, and a link works once', async () => {
    const door = new FakeDoor({ exists: true });
    const running = await host(door);
    const { page } = await openLink(running.url);
    await page.getByRole('heading', { name: 'Chats' }).waitFor();
    const { page: stranger } = await openLink(running.url);
    await stranger.getByRole('heading', { name: 'This page needs a fresh link' }).waitFor();
    expect(await lookAt(stranger, 'no-session')).toEqual([]);
    // Only the fragment of the address changes.
    await stranger.goto(running.newLink());
    await stranger.getByRole('heading', { name: 'Chats' }).waitFor();
  });

  test('when the host goes the page says so, and one started anew needs a fresh link', async () => {
    const running = await hostOver(new FakeDoor({ exists: true }));
    const { page } = await openLink(running.url);
    await page.getByRole('heading', { name: 'Chats' }).waitFor();
    await running.close();
    await page.getByText("Sotto doesn't answer on this computer.").waitFor();
    const again = await host(new FakeDoor({ exists: true }), running.port);
    await page.getByRole('heading', { name: 'This page needs a fresh link' }).waitFor();
    const beside = await page.context().newPage();
    await beside.goto(`http://127.0.0.1:${running.port}/`);
    await beside.getByRole('heading', { name: 'This page needs a fresh link' }).waitFor();
    await page.goto(again.url);
    await page.getByRole('heading', { name: 'Chats' }).waitFor();
    // The other window of this browser needs no link of its own.
    await beside.getByRole('heading', { name: 'Chats' }).waitFor();
  });
});
