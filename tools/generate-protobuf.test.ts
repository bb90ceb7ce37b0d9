import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { GENERATED_FOLDER, generateProtobuf } from './generate-protobuf.ts';

test('the committed protobuf code is what its schema generates', async () => {
  const fresh = await mkdtemp(join(tmpdir(), 'protobuf-'));
  try {
    await generateProtobuf(fresh);
    const names = await readdir(fresh);
    expect(names.length).toBeGreaterThan(0);
    expect((await readdir(GENERATED_FOLDER)).sort()).toEqual(names.sort());
    for (const name of names) {
      expect(await readFile(join(GENERATED_FOLDER, name), 'utf8')).toBe(await readFile(join(fresh, name), 'utf8'));
    }
  } finally {
    await rm(fresh, { recursive: true });
  }
});
