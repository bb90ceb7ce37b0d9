import { accessSync, constants } from 'node:fs';

const USUAL_PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** How tests start Chromium: alone, quiet, and without any request of its own. */
export const BROWSER_ARGUMENTS: readonly string[] = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // A microphone that beeps, for those who are allowed to use it.
  '--use-fake-device-for-media-stream',
];

/** The path of a Chromium: `SOTTO_CHROMIUM` if that is set, else the first of the usual places; `null` without one. */
export function findBrowser(): string | null {
  const named = process.env.SOTTO_CHROMIUM;
  return (named ? [named] : USUAL_PLACES).find(isExecutable) ?? null;
}

/**
 * The browser for tests; `null` means that they are to be skipped.
 * @throws Error if there is none although `CI=true` asks for one.
 */
export function browserForTests(): string | null {
  const found = findBrowser();
  if (found === null && process.env.CI === 'true') {
    throw new Error('These tests need Chromium, and CI=true forbids to skip them. Install it or set SOTTO_CHROMIUM.');
  }
  return found;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
