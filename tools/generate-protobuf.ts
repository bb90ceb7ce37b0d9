import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const ROOT = join(import.meta.dirname, '..');
const CONTENT = join(ROOT, 'packages/wire/src/content');
const BINARIES = join(ROOT, 'node_modules/.bin');

/** Where the generated code is committed. */
export const GENERATED_FOLDER = join(CONTENT, 'generated');

/** Writes the TypeScript of all `.proto` files in `packages/wire/src/content/proto` into a folder. */
export async function generateProtobuf(folder: string): Promise<void> {
  const template = {
    version: 'v2',
    inputs: [{ directory: join(CONTENT, 'proto') }],
    plugins: [
      {
        local: join(BINARIES, 'protoc-gen-es'),
        out: folder,
        opt: ['target=ts', 'import_extension=ts', 'erasable_syntax=true'],
      },
    ],
  };
  await promisify(execFile)(join(BINARIES, 'buf'), ['generate', '--template', JSON.stringify(template)], { cwd: ROOT });
}

if (import.meta.main) await generateProtobuf(GENERATED_FOLDER);
