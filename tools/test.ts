/**
 * `sotto test [vectors | filter…]`: runs the tests and ends with one line, `N passed, N failed`.
 * Exit code 0 only if at least one test ran and none failed.
 */
import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { startVitest, type TestModule } from 'vitest/node';
import { installBrowserIfPossible } from './install-browser.ts';

const HELP = `Usage: sotto test [vectors | FILTER …]

  sotto test            every test: vectors, properties, units, networks of processes, the page in a browser
  sotto test vectors    the protocol's test vectors alone; SOTTO_VECTORS=DIR reads that folder instead
  sotto test FILTER …   test files whose path contains one of the words

PROPERTY_SEED=N draws other cases for property tests. CI=true makes a missing browser a failure.`;

const { positionals, values } = readArguments();
if (values.help) {
  console.log(HELP);
  process.exit(0);
}
const onlyVectors = positionals.length === 1 && positionals[0] === 'vectors';
if (process.env.SOTTO_VECTORS) process.env.SOTTO_VECTORS = readableFolder(process.env.SOTTO_VECTORS);
if (positionals.length === 0) installBrowserIfPossible();

const vitest = await startVitest('test', onlyVectors ? ['.vectors.test.ts'] : positionals, {
  root: join(import.meta.dirname, '..'),
  run: true,
  watch: false,
  passWithNoTests: true,
});
const counts = { passed: 0, failed: vitest.state.getUnhandledErrors().length, skipped: 0 };
for (const module of vitest.state.getTestModules()) count(module);
await vitest.close();

const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : '';
console.log(`${counts.passed} passed, ${counts.failed} failed${skipped}`);
process.exit(counts.failed === 0 && counts.passed > 0 ? 0 : 1);

/** The folder with its whole path, for tests run in other working directories. Ends the program if it cannot be read. */
function readableFolder(folder: string): string {
  const path = resolve(folder);
  try {
    readdirSync(path);
    return path;
  } catch (error) {
    console.error(`sotto test: SOTTO_VECTORS is no folder that can be read: ${(error as Error).message}`);
    console.log('0 passed, 1 failed');
    process.exit(1);
  }
}

function count(module: TestModule): void {
  let failedTests = 0;
  for (const test of module.children.allTests()) {
    const { state } = test.result();
    if (state === 'passed') counts.passed += 1;
    else if (state === 'failed') failedTests += 1;
    else counts.skipped += 1;
  }
  // A file that breaks outside its tests (an import, a hook) has failed although no test of it did.
  counts.failed += failedTests === 0 && !module.ok() ? 1 : failedTests;
}

function readArguments() {
  try {
    return parseArgs({ allowPositionals: true, options: { help: { type: 'boolean', short: 'h' } } });
  } catch (error) {
    console.error(`sotto: ${(error as Error).message} See: sotto test --help`);
    process.exit(2);
  }
}
