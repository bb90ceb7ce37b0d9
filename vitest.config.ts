import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

/** What Node.js made of the sources, for the processes that tests start: each network would make it anew. */
const env = { NODE_COMPILE_CACHE: join(import.meta.dirname, 'node_modules/.cache/sotto') };

/** How long a test waits for what must come, as in `tools/patience.ts`. */
const expect = { poll: { timeout: 10_000 } };

/** Unit, vector and property tests run side by side; scenarios start whole networks or browsers, so they run one file at a time. */
export default defineConfig({
  test: {
    globalSetup: ['tools/temp-folder.ts'],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['packages/*/src/**/*.test.ts', 'tools/**/*.test.ts'],
          exclude: ['packages/lab/src/scenarios/**', '**/*.browser.test.ts'],
          setupFiles: ['tools/property-seed.ts', 'tools/patience.ts'],
          expect,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          env,
        },
      },
      {
        test: {
          name: 'scenarios',
          include: ['packages/lab/src/scenarios/**/*.test.ts', 'packages/*/src/**/*.browser.test.ts'],
          setupFiles: ['tools/patience.ts'],
          expect,
          fileParallelism: false,
          testTimeout: 240_000,
          hookTimeout: 120_000,
          env,
        },
      },
    ],
  },
});
