import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HostError } from './host-error.ts';

const APP_FOLDER = join(import.meta.dirname, '../..');
const PAGE_SOURCES = join(APP_FOLDER, 'page');
const SOURCES_HASH = '.sources';

/** Where the built page lies. */
export const BUILT_PAGE = join(APP_FOLDER, 'dist');

/**
 * Builds the page if its sources changed since the last build; takes a few seconds then, and some ms otherwise.
 * Says nothing; two builds at once do not disturb each other.
 * @returns whether it had to be built
 * @throws HostError `page-build` with a sentence that says what went wrong
 */
export async function buildPage(): Promise<boolean> {
  const sources = await hashSources();
  const built = await readFile(join(BUILT_PAGE, SOURCES_HASH), 'utf8').catch(() => null);
  if (built === sources) return false;
  const sites = join(APP_FOLDER, '.sotto');
  await mkdir(sites, { recursive: true }).catch(failBuild);
  const site = await mkdtemp(join(sites, 'page-')).catch(failBuild);
  try {
    await asProduction(() => runVite(join(site, 'new')));
    await writeFile(join(site, 'new', SOURCES_HASH), sources);
    await rename(BUILT_PAGE, join(site, 'old')).catch(() => {});
    await rename(join(site, 'new'), BUILT_PAGE);
  } catch (error) {
    const finishedByAnother = (await readFile(join(BUILT_PAGE, SOURCES_HASH), 'utf8').catch(() => null)) === sources;
    if (!finishedByAnother) failBuild(error);
  } finally {
    await rm(site, { recursive: true, force: true });
  }
  return true;
}

function failBuild(error: unknown): never {
  throw new HostError('page-build', `The page could not be built: ${describe(error)}`);
}

/** Vite and React take their mode from the environment, which is another one where tests or a person's shell set it. */
async function asProduction(build: () => Promise<void>): Promise<void> {
  const before = process.env.NODE_ENV;
  process.env.NODE_ENV = 'production';
  try {
    await build();
  } finally {
    if (before === undefined) delete process.env.NODE_ENV;
    else process.env.NODE_ENV = before;
  }
}

async function runVite(outDir: string): Promise<void> {
  // Loaded only here: the host itself starts without a bundler.
  const [{ build }, { default: react }, { default: tailwind }] = await Promise.all([
    import('vite'),
    import('@vitejs/plugin-react'),
    import('@tailwindcss/vite'),
  ]);
  await build({
    configFile: false,
    envFile: false,
    mode: 'production',
    root: PAGE_SOURCES,
    base: '/',
    logLevel: 'silent',
    plugins: [react(), tailwind()],
    resolve: {
      alias: {
        // Radix's dialogs take it to stop the page behind them from scrolling, with a <style> that the page's content
        // policy refuses. Our page never scrolls as a whole, so there is nothing to stop.
        'react-remove-scroll': join(PAGE_SOURCES, 'parts/no-scroll-lock.tsx'),
      },
    },
    build: {
      outDir,
      emptyOutDir: true,
      target: 'es2024',
      // Everything is a file of its own: the content policy allows no inline scripts, styles or fonts.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      reportCompressedSize: false,
      chunkSizeWarningLimit: 2_000,
    },
  });
}

/** A hash over every file that the built page depends on, and over the packages it is built with. */
async function hashSources(): Promise<string> {
  const names = await readdir(PAGE_SOURCES, { recursive: true, withFileTypes: true });
  const pages = names.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const files = [...pages, join(APP_FOLDER, 'package.json'), import.meta.filename].sort();
  const hash = createHash('sha256');
  for (const file of files) {
    const bytes = await readFile(file);
    hash.update(`${file.slice(APP_FOLDER.length)}\0${bytes.length}\0`).update(bytes);
  }
  return hash.digest('hex');
}

function describe(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'EACCES' || code === 'EROFS') return `this user may not write to ${BUILT_PAGE}.`;
  if (code === 'ENOSPC') return 'the disk is full.';
  if (code === 'ERR_MODULE_NOT_FOUND') return 'packages are missing; install them anew.';
  return error instanceof Error ? error.message : String(error);
}
