import { spawnSync } from 'node:child_process';
import { findBrowser } from '../packages/app/src/testing/browser.ts';

/** Installs Debian's Chromium when none is found and this machine allows it; the browser tests say what follows if not. */
export function installBrowserIfPossible(): void {
  if (findBrowser() || process.getuid?.() !== 0) return;
  if (spawnSync('apt-get', ['--version'], { stdio: 'ignore' }).status !== 0) return;
  console.log('Installing Chromium for the browser tests …');
  aptGet('update');
  aptGet('install', '--yes', '--no-install-recommends', 'chromium');
}

function aptGet(...words: string[]): void {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  spawnSync('apt-get', ['-qq', ...words], { stdio: ['ignore', 'ignore', 'inherit'], env });
}
