import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { USER_CONFIGS } from '../user-config.ts';
import type { ConfigDescription } from './describe.ts';
import { documentConfigs } from './document.ts';
import { local } from './local.ts';

const CONFIGS: readonly ConfigDescription[] = [...USER_CONFIGS, local];
const PAGE = join(import.meta.dirname, '../../../../docs/config-fields.md');

test('the page of fields is what the descriptions say', () => {
  const page = documentConfigs(CONFIGS);
  if (process.env.UPDATE_DOCS) writeFileSync(PAGE, page);
  expect(readFileSync(PAGE, 'utf8')).toBe(page);
});

test('no key is described twice in a section', () => {
  for (const { sections } of CONFIGS) {
    for (const { rows } of Object.values(sections)) {
      const keys = rows.flatMap((row) => row.keys);
      expect(new Set(keys).size).toBe(keys.length);
    }
  }
});
