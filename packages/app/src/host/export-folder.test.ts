import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { exportFolder, suggestExportFolder } from './export-folder.ts';

const DAY = Date.UTC(2026, 10, 23);
let home: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'sotto-home-'));
});
afterEach(() => rmSync(home, { recursive: true }));

test('a folder that is not there yet is suggested, among the downloads if there are any', () => {
  expect(suggestExportFolder('Ines', DAY, home)).toBe(join(home, 'Sotto Ines 2026-11-23'));
  mkdirSync(join(home, 'Downloads/Sotto Ines 2026-11-23'), { recursive: true });
  expect(suggestExportFolder('Ines', DAY, home)).toBe(join(home, 'Downloads/Sotto Ines 2026-11-23 2'));
});

test('whatever somebody calls themselves, it leads nowhere else', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (name) => {
      const folder = suggestExportFolder(name, DAY, home);
      expect(dirname(folder)).toBe(home);
      expect(basename(folder)).toMatch(/^Sotto .*2026-11-23$/);
    }),
  );
});

test('a typed folder has to be a whole path', () => {
  expect(exportFolder(home)).toBe(home);
  for (const text of ['exports', '../exports', '~/exports', `${home}\0`]) {
    expect(() => exportFolder(text)).toThrow(expect.objectContaining({ code: 'bad-setting' }));
  }
});
