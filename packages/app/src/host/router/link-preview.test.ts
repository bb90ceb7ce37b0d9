import { expect, test } from 'vitest';
import { FakeEngine } from '../../testing/fake-engine.ts';
import { previewLink } from './link-preview.ts';

const LINK = 'https://desk.example/ledger';

test('no site is asked before previews were chosen', async () => {
  const engine = new FakeEngine('Noor');
  await expect(previewLink(engine, LINK)).rejects.toMatchObject({ code: 'not-allowed' });
});

test.each([
  'http://desk.example/',
  'https://127.0.0.1/',
  'https://user@desk.example/',
  'file:///etc/passwd',
  'nonsense',
])('%s has no preview, and nothing is asked', async (url) => {
  const engine = new FakeEngine('Noor');
  engine.setSettings({ linkPreviews: true });
  expect(await previewLink(engine, url)).toBeNull();
});
