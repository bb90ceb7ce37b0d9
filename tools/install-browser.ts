import { spawnSync } from 'node:child_process';
import { findBrowser } from '../packages/app/src/testing/browser.ts';

/** Installs Debian's Chromium when none is found and this machine allows it; the browser tests say what follows if not. */
export function installBrowserIfPossible(): void {
  if (findBrowser() || process.getuid?.() !== 0) return;
  if (spawnSync('apt-get', ['--version'], { stdio: 'ignore' }).status !== 0) return;
  console.log('Installing Chromium for the browser tests …');
  const options = {
    stdio: ['ignore', 'ignore', 'inherit'] as const,
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  };
  spawnSync('apt-get', ['-qq', 'update'], { ...options, stdio: [...options.stdio] });
  spawnSync('apt-get', ['-qq', 'install', '--yes', '--no-install-recommends', 'chromium'], {
    ...options,
    stdio: [...options.stdio],
  });
}
