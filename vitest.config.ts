import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

/** What Node.js made of the sources, for the processes that tests start: each network would make it anew. */
const env = { NODE_COMPILE_CACHE: join(import.meta.dirname, 'node_modules/.cache/sotto') };

/** Unit, vector and property tests run side by side; scenarios start whole networks or browsers, so they run one file at a time. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['packages/*/src/**/*.test.ts', 'tools/**/*.test.ts'],
          exclude: ['packages/lab/src/scenarios/**', '**/*.browser.test.ts'],
          setupFiles: ['tools/property-seed.ts'],
          testTimeout: 20_000,
          env,
        },
      },
      {
        test: {
          name: 'scenarios',
          include: ['packages/lab/src/scenarios/**/*.test.ts', 'packages/*/src/**/*.browser.test.ts'],
          fileParallelism: false,
          testTimeout: 240_000,
          hookTimeout: 120_000,
          env,
        },
      },
    ],
  },
});
