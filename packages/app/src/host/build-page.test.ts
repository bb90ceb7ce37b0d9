import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { BUILT_PAGE, buildPage } from './build-page.ts';

test('a built page is not built again, and obeys the content policy it is served with', {
  timeout: 120_000,
}, async () => {
  await buildPage();
  expect(await buildPage()).toBe(false);
  const html = await readFile(join(BUILT_PAGE, 'index.html'), 'utf8');
  expect(html).not.toMatch(/<style|style=|<script(?![^>]* src=)|https?:/);
  const scripts = [...html.matchAll(/<script[^>]* src="([^"]+)"/g)].map(([, source]) => source!);
  expect(scripts.length).toBeGreaterThan(0);
  for (const source of scripts) {
    const script = await readFile(join(BUILT_PAGE, source), 'utf8');
    // React's development build would be slower and talk to the console.
    expect(script).not.toContain('react_stack_bottom_frame');
    expect(script).not.toMatch(/\beval\(/);
  }
});
