/// <reference lib="dom" />
import type { BrowserContextOptions, Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { browserForTests } from './testing/browser.ts';
import { talkOfEverything } from './testing/fake-conversation.ts';
import { FakeDoor } from './testing/fake-door.ts';
import type { FakeEngine } from './testing/fake-engine.ts';
import { INES, LENA, liveAWhile, TOMAS } from './testing/fake-life.ts';
import { inBrowser } from './testing/in-browser.ts';
import { hasFocus, lookAt } from './testing/page-driver.ts';
import { samplePng } from './testing/sample-files.ts';

const chromium = browserForTests();
const DAY = 86_400_000;

describe.skipIf(chromium === null)('a conversation in a browser', { timeout: 120_000 }, () => {
  const { host, openLink } = inBrowser(chromium);

  /** A window on a profile in use, whose conversation with Ines has one of everything. */
  async function open(options: BrowserContextOptions = {}) {
    const door = new FakeDoor({ exists: true });
    const { url } = await host(door);
    const engine = door.engine!;
    engine.setSettings({ phraseConfirmed: true });
    liveAWhile(engine, Date.now() - 3 * DAY);
    talkOfEverything(engine, INES, Date.now());
    return { engine, ...(await openLink(url, options)) };
  }

  async function openThread(name: string, options: BrowserContextOptions = {}) {
    const opened = await open(options);
    await opened.page.getByRole('button', { name: new RegExp(`^${name}`) }).click();
    const composer = opened.page.getByRole('textbox', { name: /^Message to/ });
    await composer.waitFor();
    return { ...opened, composer };
  }

  function bubble(page: Page, text: string | RegExp) {
    return page.getByRole('group').filter({ hasText: text }).last();
  }

  async function chooseFor(page: Page, text: string | RegExp, item: string | RegExp) {
    await bubble(page, text).click({ button: 'right', position: { x: 12, y: 12 } });
    await page.getByRole('menuitem', { name: item }).click();
  }

  function lastOf(engine: FakeEngine, id: string) {
    return engine.conversation(id)!.lastMessage!;
  }

  describe.each([
    ['light', 1280],
    ['dark', 1280],
    ['light', 360],
    ['dark', 360],
  ] as const)('in the %s theme at %i px', (colorScheme, width) => {
    test('everything that a message can be can be read by everybody', async () => {
      const { page, complaints } = await openThread('Ines Marchetti', {
        colorScheme,
        viewport: { width, height: 800 },
      });
      const findings: string[] = [];
      const look = async (name: string) => findings.push(...(await lookAt(page, `${name}-${colorScheme}-${width}`)));
      await bubble(page, 'Field reporters').waitFor();
      await look('conversation');
      const list = page.getByRole('region', { name: 'Messages' });
      await list.evaluate((element) => element.scrollBy(0, -element.clientHeight));
      await bubble(page, 'Pages 1–3').waitFor();
      await look('conversation-files');
      await page.getByRole('button', { name: 'Show page-1.png' }).click();
      await page.getByRole('dialog', { name: 'page-1.png' }).getByRole('img').waitFor();
      await look('viewer');
      await page.keyboard.press('ArrowRight');
      await page.getByRole('dialog', { name: 'page-2.png' }).getByRole('img').waitFor();
      await page.keyboard.press('Escape');
      await page.getByText('Pages 1–3 of the scan').last().click({ button: 'right' });
      await page.getByRole('menu').waitFor();
      await look('message-menu');
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'Disappearing messages' }).first().click();
      await page.getByRole('dialog').waitFor();
      await look('disappearing');
      await page.keyboard.press('Escape');
      expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBe(0);
      expect(findings).toEqual([]);
      expect(complaints).toEqual([]);
    });
  });

  test('one answers, reacts, edits and deletes, and sees how far a deletion is', async () => {
    const { page, engine, composer, complaints } = await openThread('Lena K\\.');
    const question = lastOf(engine, LENA);
    await chooseFor(page, 'Are you at the desk', 'Reply');
    await page.getByText('Answer to Lena K.').waitFor();
    await composer.pressSequentially('Yes, *until* noon');
    await composer.press('Enter');
    await expect.poll(() => lastOf(engine, LENA).quote?.messageId).toBe(question.id);
    await bubble(page, 'Yes, until noon')
      .getByRole('button', { name: /Are you at the desk/ })
      .click();
    await page.locator('.found').waitFor();

    await chooseFor(page, /^(?!.*Yes).*Are you at the desk/s, 'React with 👍');
    await page.getByRole('button', { name: '👍 from You', pressed: true }).click();
    await expect.poll(() => page.getByRole('list', { name: 'Reactions' }).count()).toBe(0);
    await bubble(page, 'Yes, until noon').hover();
    await page.getByRole('button', { name: 'React', exact: true }).last().click();
    await page.getByRole('searchbox', { name: 'Search emoji' }).fill('seedling');
    await page.getByRole('button', { name: 'seedling' }).waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: '🌱 from You' }).waitFor();

    const answer = lastOf(engine, LENA);
    engine.deliver(answer.id, 'stored');
    await expect.poll(() => composer.inputValue()).toBe('');
    await composer.press('ArrowUp');
    await page.getByText('Edit the message').waitFor();
    expect(await composer.inputValue()).toBe('Yes, *until* noon');
    await composer.fill('Yes, until one');
    await composer.press('Enter');
    await bubble(page, 'Yes, until one').getByText('edited').waitFor();

    await chooseFor(page, 'Yes, until one', 'Delete');
    await page.getByText('nobody can force it').waitFor();
    await page.getByRole('button', { name: 'Delete for everyone' }).click();
    await page.getByText('You deleted this message').last().waitFor();
    await chooseFor(page, 'You deleted this message', 'Details of the message');
    await page.getByText('Confirmed by 3 of 3 computers').waitFor();
    expect(await lookAt(page, 'deletion-report')).toEqual([]);
    await page.keyboard.press('Escape');
    await chooseFor(page, 'You deleted this message', 'Delete');
    await page.getByRole('button', { name: 'Delete on this device' }).click();
    await expect.poll(() => engine.messages(LENA).messages.map(({ id }) => id)).toEqual([question.id]);
    await expect.poll(() => page.getByText('You deleted this message').count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  test('the keyboard alone reaches a message, its menu and back', async () => {
    const { page, engine, composer } = await openThread('Lena K\\.');
    engine.add(LENA, 'in', 'And the keys?');
    await bubble(page, 'And the keys?').waitFor();
    await composer.focus();
    const focused = () =>
      page.evaluate(() => document.activeElement?.closest('[data-message]')?.textContent ?? 'no message');
    await page.keyboard.press('Shift+Tab');
    for (let press = 0; press < 6 && !(await focused()).includes('And the keys?'); press++) {
      await page.keyboard.press('Shift+Tab');
    }
    await page.keyboard.press('ArrowUp');
    await expect.poll(focused).toContain('Are you at the desk');
    const menu = page.getByRole('menu');
    const items = menu.getByRole('menuitem');
    await page.keyboard.press('Enter');
    await hasFocus(menu);
    await page.keyboard.press('End');
    await hasFocus(items.last());
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'Delete this message?' }).locator(':focus').waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(focused).toContain('Are you at the desk');
    await page.keyboard.press('Enter');
    await hasFocus(menu);
    for (const at of [0, 1]) {
      await page.keyboard.press('ArrowDown');
      await hasFocus(items.nth(at));
    }
    await page.keyboard.press('r');
    await hasFocus(menu.getByRole('menuitem', { name: 'Reply' }));
    await page.keyboard.press('Enter');
    await hasFocus(composer);
    await page.getByText('Answer to Lena K.').waitFor();
    await page.keyboard.press('Escape');
    await page.getByText('Answer to Lena K.').waitFor({ state: 'detached' });
  });

  test('keys that come faster than any timer of the page do what they say', async () => {
    const { page, engine, composer } = await openThread('Lena K\\.');
    engine.add(LENA, 'in', 'And the keys?');
    await bubble(page, 'And the keys?').waitFor();
    await bubble(page, 'And the keys?').focus();
    const type = (keys: readonly string[]) =>
      page.evaluate(async (keys) => {
        for (const key of keys) {
          if (key.length === 1) document.execCommand('insertText', false, key);
          else
            document.activeElement!.dispatchEvent(
              new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }),
            );
          for (let turn = 0; turn < 100; turn++) await null;
        }
      }, keys);
    await type(['ArrowUp', 'ArrowDown', 'ArrowUp', 'Enter', ...Array(7).fill('ArrowDown'), 'Enter']);
    await page.getByText('Answer to Lena K.').waitFor();
    await hasFocus(composer);
    await bubble(page, 'And the keys?').focus();
    await type(['Enter', 'ArrowDown', 'End', 'Enter']);
    await page.getByRole('dialog', { name: 'Delete this message?' }).locator(':focus').waitFor();
    await page.keyboard.press('Escape');
    await composer.fill('Ask  today');
    await composer.evaluate((box: HTMLTextAreaElement) => box.setSelectionRange(4, 4));
    await page.keyboard.type('@mar');
    await page.getByRole('option', { name: 'Ines Marchetti' }).waitFor();
    await type(['Enter', ...'first']);
    expect(await composer.inputValue()).toBe('Ask @Ines Marchetti first today');
    await page.getByRole('button', { name: 'Choose an emoji' }).click();
    await page.getByRole('searchbox', { name: 'Search emoji' }).fill('seedling');
    await page.getByRole('button', { name: 'seedling' }).waitFor();
    await type(['Enter', '!']);
    expect(await composer.inputValue()).toBe('Ask @Ines Marchetti first🌱! today');
  });

  test('the focus goes from the message that has it, and stays where a person took it', async () => {
    const { page, engine, composer } = await openThread('Lena K\\.');
    engine.add(LENA, 'in', 'And the keys?');
    const [upper, lower] = [bubble(page, 'Are you at the desk'), bubble(page, 'And the keys?')];
    for (let time = 0; time < 3; time++) {
      await lower.click({ position: { x: 12, y: 12 } });
      await hasFocus(lower);
      await page.keyboard.press('ArrowUp');
      await hasFocus(upper);
    }
    await composer.focus();
    engine.add(LENA, 'in', 'A third');
    await bubble(page, 'A third').waitFor();
    await hasFocus(composer);
  });

  test('people are mentioned by name and sent by id, and drafts stay', async () => {
    const { page, engine, composer } = await openThread('Lena K\\.');
    await composer.pressSequentially('Ask @mar');
    await page.getByRole('option', { name: 'Ines Marchetti' }).waitFor();
    expect(await lookAt(page, 'mention')).toEqual([]);
    await composer.press('Enter');
    await expect.poll(() => composer.inputValue()).toBe('Ask @Ines Marchetti ');
    await page.keyboard.type('first');
    await expect.poll(() => engine.conversation(LENA)!.draft).toBe(`Ask @${INES} first`);
    await expect.poll(() => engine.typed).toContain(LENA);
    await page.reload();
    await page.getByText('Draft:').waitFor();
    await page.getByRole('button', { name: /^Lena K\./ }).click();
    expect(await composer.inputValue()).toBe('Ask @Ines Marchetti first');
    await composer.press('Enter');
    await expect.poll(() => lastOf(engine, LENA).body).toBe(`Ask @${INES} first`);
    await bubble(page, 'Ask @Ines Marchetti first').waitFor();
    await expect.poll(() => engine.conversation(LENA)!.draft).toBe('');
  });

  test('files are looked at before they are sent, pictures lose what a camera wrote', async () => {
    const { page, engine, composer, complaints } = await openThread('Lena K\\.');
    const png = samplePng(2_400, 1_200, [120, 80, 200]);
    const note = Buffer.from('not a picture');
    const secret = Buffer.concat([png.subarray(0, 33), textChunk('GPS 64.1N 21.9W'), png.subarray(33)]);
    await page
      .getByLabel('Add files')
      .and(page.locator('input'))
      .setInputFiles([
        { name: 'desk.png', mimeType: 'image/png', buffer: secret },
        { name: 'note.txt', mimeType: 'text/plain', buffer: note },
        { name: 'film.heic', mimeType: 'image/heic', buffer: note },
      ]);
    await page.getByText('This browser cannot read one of the pictures.').waitFor();
    expect(await lookAt(page, 'tray')).toEqual([]);
    await page.getByRole('button', { name: 'Take out film.heic' }).click();
    await page
      .getByRole('radio', { name: '1,024 px' })
      .or(page.getByRole('radio', { name: '1024 px' }))
      .check({ force: true });
    await composer.fill('Two files');
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await expect.poll(() => lastOf(engine, LENA).attachments.length).toBe(2);
    const [picture, text] = lastOf(engine, LENA).attachments;
    expect(picture).toMatchObject({ contentType: 'image/png', fileName: 'desk.png', width: 1_024, height: 512 });
    const sent = Buffer.from(await engine.readAttachment(picture!.id));
    expect(sent.includes('GPS 64.1N')).toBe(false);
    expect(Buffer.from(await engine.readAttachment(text!.id))).toEqual(note);
    await page.getByRole('button', { name: 'Show desk.png' }).locator('img').waitFor();
    await expect.poll(() => page.getByRole('list', { name: 'Files to send' }).count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  test('a film loses what a camera wrote, and begins to be seen before it is played', async () => {
    const { page, engine, composer, complaints } = await openThread('Lena K\\.');
    const secret = Buffer.from('GPS 64.1N 21.9W');
    const note = Buffer.concat([Buffer.from([0, 0, 0, 8 + secret.length]), Buffer.from('udta'), secret]);
    const film = Buffer.concat([Buffer.from(await page.evaluate(recordFilm), 'base64'), note]);
    await page
      .getByLabel('Add files')
      .and(page.locator('input'))
      .setInputFiles([{ name: 'beach.mp4', mimeType: 'video/mp4', buffer: film }]);
    await page.getByText('Place, time and device are taken out of the film').waitFor();
    const isSeen = (video: Element) => (video as HTMLVideoElement).readyState >= 2;
    await expect
      .poll(() => page.getByRole('list', { name: 'Files to send' }).locator('video').evaluate(isSeen))
      .toBe(true);
    expect(await lookAt(page, 'tray-film')).toEqual([]);
    await composer.press('Enter');
    await expect.poll(() => lastOf(engine, LENA).attachments.length).toBe(1);
    const [sent] = lastOf(engine, LENA).attachments;
    expect(sent).toMatchObject({ contentType: 'video/mp4', fileName: 'beach.mp4', width: 64, height: 48 });
    const bytes = Buffer.from(await engine.readAttachment(sent!.id));
    expect([bytes.length, bytes.includes(secret)]).toEqual([film.length, false]);
    const tile = page.getByRole('button', { name: 'Play beach.mp4' });
    await expect.poll(() => tile.locator('video').evaluate(isSeen)).toBe(true);
    await tile.click();
    await expect.poll(() => page.getByRole('dialog').locator('video').evaluate(isSeen)).toBe(true);
    expect(complaints).toEqual([]);
  });

  test('files can be pasted and dropped, and one that is too large is named before anything is sent', async () => {
    const { page, composer } = await openThread('Lena K\\.');
    const give = (kind: 'paste' | 'drop', size: number) =>
      composer.evaluate(
        (box, { kind, size }) => {
          const data = new DataTransfer();
          data.items.add(new File([new Uint8Array(size)], `${kind}.bin`, { type: 'application/octet-stream' }));
          const init = { bubbles: true, cancelable: true };
          box.dispatchEvent(
            kind === 'paste'
              ? new ClipboardEvent('paste', { ...init, clipboardData: data })
              : new DragEvent('drop', { ...init, dataTransfer: data }),
          );
        },
        { kind, size },
      );
    await give('paste', 20);
    await page.getByRole('button', { name: 'Take out paste.bin' }).waitFor();
    await give('drop', 10_000_001);
    await page.getByText('A file is larger than 10 MB.').waitFor();
    expect(await page.getByRole('button', { name: 'Send', exact: true }).isDisabled()).toBe(true);
    await page.getByRole('button', { name: 'Take out drop.bin' }).click();
    expect(await page.getByRole('button', { name: 'Send', exact: true }).isEnabled()).toBe(true);
    // They wait while one looks elsewhere.
    await page.getByRole('button', { name: /^Tomas/ }).click();
    await page.getByRole('button', { name: /^Lena K\./ }).click();
    await page.getByRole('button', { name: 'Take out paste.bin' }).waitFor();
  });

  test('what others sent is loaded, saved under an honest name, and they are told', async () => {
    const { page, engine } = await openThread('Ines Marchetti');
    await page.getByText('The name misleads. It really ends in .exe').waitFor();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Save invoicefdp.exe' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('invoicefdp.exe');
    await expect.poll(() => engine.saved.length).toBe(1);
    await page.getByRole('button', { name: 'Stop sending archive.zip' }).click();
    await page.getByRole('progressbar').waitFor({ state: 'detached' });
    await page.getByRole('region', { name: 'Messages' }).evaluate((list) => list.scrollBy(0, -list.clientHeight));
    await page.getByRole('button', { name: 'Load page-3.png' }).click();
    await expect.poll(() => page.getByRole('button', { name: 'Load page-3.png' }).count()).toBe(0);
  });

  test('no word makes a bubble wider than its picture, and a small picture is not blown up', async () => {
    const { page, engine } = await openThread('Lena K\\.');
    const show = async (body: string, width: number, height: number) => {
      engine.addMessage({
        conversationId: LENA,
        direction: 'in',
        sentAt: Date.now(),
        body,
        attachments: [
          engine.file(samplePng(width, height, [90, 160, 200]), {
            contentType: 'image/png',
            fileName: `${body}.png`,
            width,
            height,
          }),
        ],
      });
      const image = bubble(page, body).locator('img');
      await image.waitFor();
      const [around, inside] = [await bubble(page, body).boundingBox(), await image.boundingBox()];
      return { gap: around!.width - inside!.width, width: inside!.width, fit: await image.evaluate(fitOf) };
    };
    const fitOf = (image: Element) => getComputedStyle(image).objectFit;
    const long = 'with a caption that is much longer than any of these pictures are wide';
    for (const [name, width, height] of [
      ['Narrow', 140, 260],
      ['Wide', 1_600, 300],
      ['High', 200, 1_400],
      ['Usual', 1_200, 900],
    ] as const) {
      const shown = await show(`${name} ${long}`, width, height);
      expect(shown.gap).toBeLessThan(12);
      expect(shown.width).toBeGreaterThanOrEqual(240);
    }
    expect(await show('Tiny', 24, 24)).toMatchObject({ fit: 'scale-down' });
    expect(await show('Portrait', 900, 1_200)).toMatchObject({ fit: 'cover', width: 240 });
  });

  test('what disappears or is deleted while one is in another conversation is not seen again', async () => {
    const { page, engine, composer } = await openThread('Lena K\\.');
    const [first] = engine.messages(LENA).messages;
    const later = engine.add(LENA, 'in', 'Answer me when you can');
    await bubble(page, later.body).waitFor();
    await page.getByRole('button', { name: /^Tomas/ }).click();
    await page.getByRole('textbox', { name: 'Message to Tomas' }).waitFor();
    engine.deleteHere([first!.id]);
    engine.change(later.id, { body: 'Answer me today' });
    await page.getByRole('button', { name: /^Lena K\./ }).click();
    await composer.waitFor();
    await bubble(page, 'Answer me today').waitFor();
    expect(await bubble(page, first!.body).count()).toBe(0);
  });

  test('the line above new messages goes when they are answered', async () => {
    const { page, engine, composer } = await openThread('Tomas');
    await page.getByText('New messages').waitFor();
    await composer.fill('On Thursday');
    await composer.press('Enter');
    await expect.poll(() => lastOf(engine, TOMAS).body).toBe('On Thursday');
    await page.getByText('New messages').waitFor({ state: 'detached' });
  });

  test('a voice message is recorded, heard and sent', async () => {
    const { page, engine, composer } = await openThread('Lena K\\.', { permissions: ['microphone'] });
    await page.getByRole('button', { name: 'Record a voice message' }).click();
    await page.getByRole('button', { name: 'Stop and listen' }).click();
    await page.getByRole('slider').waitFor();
    expect(await lookAt(page, 'voice')).toEqual([]);
    await page.getByRole('button', { name: 'Send the voice message' }).click();
    await expect.poll(() => lastOf(engine, LENA).attachments[0]?.isVoiceMessage).toBe(true);
    expect(lastOf(engine, LENA).attachments[0]).toMatchObject({ contentType: expect.stringMatching(/^audio\//) });
    await page.getByRole('button', { name: 'Play Voice message' }).waitFor();
    // One goes on writing.
    await hasFocus(composer);
  });

  test('messages are found in all conversations and in one, and one goes there', async () => {
    const { page, engine } = await open();
    for (let day = 400; day > 0; day--) engine.add(LENA, 'in', `Old line ${day}`, Date.now() - day * DAY);
    const target = engine.addMessage({
      conversationId: LENA,
      direction: 'in',
      sentAt: Date.now() - 3_000 * DAY,
      body: 'The harbour office keeps the ledger',
    });
    engine.sort();
    await page.getByRole('searchbox', { name: 'Search messages and people' }).fill('harbour off');
    const results = page.getByRole('region', { name: 'Messages' });
    await results.getByText('2 messages').waitFor();
    expect(await results.locator('mark').first().innerText()).toBe('harbour off');
    await page.getByRole('button', { name: 'Narrow the search' }).click();
    await page.getByLabel('Written by').selectOption('Lena K.');
    await results.getByText('1 message', { exact: true }).waitFor();
    expect(await lookAt(page, 'search')).toEqual([]);
    expect(await page.getByText('matches').count()).toBe(0);
    await results.getByRole('button').first().click();
    await bubble(page, target.body).waitFor();
    await page.getByRole('button', { name: 'Go to the newest message' }).click();
    await page.getByText('Old line 1', { exact: true }).last().waitFor();

    await page.getByRole('button', { name: 'Search in this conversation' }).click();
    await page.getByRole('searchbox', { name: 'Search in this conversation' }).fill('line 39');
    await page.getByText('1 of 11').waitFor();
    await page.keyboard.press('Enter');
    await page.getByText('2 of 11').waitFor();
    await page.locator('.found').getByText('Old line 390').waitFor();
    expect(await lookAt(page, 'search-thread')).toEqual([]);
    await page.keyboard.press('Escape');
    await expect.poll(() => page.getByText('2 of 11').count()).toBe(0);
  });

  test('a request is accepted, declined or blocked, and who is blocked can be let in again', async () => {
    const { page, engine, composer } = await openThread('Tomas');
    expect(await page.getByRole('button', { name: 'Remove from my contacts' }).count()).toBe(0);
    await page.getByRole('button', { name: 'Accept', exact: true }).click();
    await expect.poll(() => engine.conversation(TOMAS)!.isRequest).toBe(false);
    await page.getByText('for the first time').waitFor({ state: 'detached' });
    await hasFocus(composer);
    engine.setBlocked(TOMAS, true);
    await page.getByText('You have blocked Tomas.').waitFor();
    expect(await page.getByRole('textbox', { name: /^Message to/ }).count()).toBe(0);
    await page.getByRole('button', { name: 'Unblock', exact: true }).click();
    await expect.poll(() => engine.conversation(TOMAS)!.isBlocked).toBe(false);
    engine.describe(TOMAS, { isRequest: true });
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).click();
    await page.getByRole('heading', { name: 'Choose a conversation' }).waitFor();
    expect(engine.conversation(TOMAS)).toBeNull();
  });

  test('conversations are pinned, muted, archived and marked from the list', async () => {
    const { page, engine } = await open();
    const row = (name: string) =>
      page.getByRole('list', { name: 'Conversations' }).getByRole('button', { name: new RegExp(`^${name}`) });
    const choose = async (name: string, item: string | RegExp) => {
      await row(name).click({ button: 'right' });
      await page.getByRole('menuitem', { name: item }).click();
    };
    await row('Ines').click({ button: 'right' });
    await page.getByRole('menuitem', { name: 'Pin to the top' }).waitFor();
    // As on another device, while the menu is open.
    engine.setPinned(INES, true);
    await page.getByRole('menuitem', { name: 'Unpin' }).click();
    await expect.poll(() => engine.conversation(INES)!.isPinned).toBe(false);
    await choose('Lena', 'Pin to the top');
    await expect.poll(() => engine.conversation(LENA)!.isPinned).toBe(true);
    await expect.poll(() => page.getByRole('listitem').first().innerText()).toContain('Lena');
    await choose('Lena', 'Mute for 8 hours');
    await expect.poll(() => engine.conversation(LENA)!.mutedUntil).toBeGreaterThan(Date.now() + 7 * 3_600_000);
    await choose('Lena', 'Mark as read');
    await expect.poll(() => engine.conversation(LENA)!.unread).toBe(0);
    await choose('Lena', 'Mark as unread');
    await page.getByText('Marked unread').waitFor();
    await page.keyboard.press('Shift+F10');
    await page.getByRole('menu').waitFor();
    expect(await lookAt(page, 'chat-menu')).toEqual([]);
    await page.keyboard.press('Escape');
    await choose('Lena', 'Archive');
    await expect.poll(() => page.getByRole('button', { name: /^Lena/ }).count()).toBe(0);
    await page.getByRole('radio', { name: 'Archived · 1' }).click();
    await choose('Lena', 'Take out of the archive');
    await expect.poll(() => engine.conversation(LENA)!.isArchived).toBe(false);
    await choose('Tomas', 'Delete the conversation');
    await page.getByRole('button', { name: 'Delete the conversation' }).last().click();
    await expect.poll(() => engine.conversation(TOMAS)).toBeNull();
  });

  test('a preview is offered only if that was chosen, and never made unasked', async () => {
    const { page, engine, composer } = await openThread('Lena K\\.');
    await composer.fill('See https://desk.example/ledger');
    await expect.poll(() => engine.conversation(LENA)!.draft).toContain('ledger');
    expect(await page.getByText('Fetch a preview from desk.example?').count()).toBe(0);
    engine.setSettings({ linkPreviews: true });
    await page.reload();
    await page.getByRole('button', { name: /^Lena K\./ }).click();
    await page.getByText('Fetch a preview from desk.example?').waitFor();
    expect(await lookAt(page, 'preview-offer')).toEqual([]);
    await page.getByRole('button', { name: 'No preview' }).click();
    await hasFocus(composer);
    await composer.press('Enter');
    await expect.poll(() => lastOf(engine, LENA).body).toBe('See https://desk.example/ledger');
    expect(lastOf(engine, LENA).preview).toBeNull();
  });

  test('touch opens the menu by a long press', async () => {
    const { page } = await openThread('Lena K\\.', { hasTouch: true, viewport: { width: 360, height: 640 } });
    const { x, y } = (await bubble(page, 'Are you at the desk').boundingBox())!;
    const client = await page.context().newCDPSession(page);
    const touchPoints = [{ x: x + 20, y: y + 12 }];
    await client.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints });
    await page.getByRole('menuitem', { name: 'Reply' }).waitFor();
    await client.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
    await page.getByRole('menuitem', { name: 'Reply' }).click();
    await page.getByText('Answer to Lena K.').waitFor();
  });
});

/** A text chunk of a PNG, where programs keep what a camera knew; its checksum is left out on purpose: readers skip it. */
function textChunk(text: string): Buffer {
  const data = Buffer.from(`Comment\0${text}`, 'latin1');
  const framed = Buffer.alloc(data.length + 12);
  framed.writeUInt32BE(data.length, 0);
  framed.write('tEXt', 4);
  data.copy(framed, 8);
  return framed;
}

/** Half a second of a film, in base64; runs in the page. */
async function recordFilm(): Promise<string> {
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [64, 48];
  const pen = canvas.getContext('2d')!;
  const recorder = new MediaRecorder(canvas.captureStream(20), { mimeType: 'video/mp4;codecs=vp9' });
  const parts: Blob[] = [];
  recorder.ondataavailable = ({ data }) => parts.push(data);
  const ended = new Promise((resolve) => {
    recorder.onstop = resolve;
  });
  recorder.start();
  for (let frame = 0; frame < 10; frame++) {
    pen.fillStyle = frame % 2 === 0 ? 'teal' : 'orange';
    pen.fillRect(0, 0, 64, 48);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  recorder.stop();
  await ended;
  const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
}
