import { useEffect } from 'react';
import type { Settings } from '../../engine/connection.ts';
import { useMedia } from '../../parts/media.ts';

/** Paints the page in the chosen theme and leaves the choice for `theme.js`, which runs before the next start's paint. */
export function useTheme(theme: Settings['theme'] | undefined): void {
  const systemIsDark = useMedia('(prefers-color-scheme: dark)');
  useEffect(() => {
    if (theme === undefined) return;
    localStorage.setItem('theme', theme);
    const dark = theme === 'dark' || (theme === 'system' && systemIsDark);
    document.documentElement.dataset.theme = dark ? 'dark' : 'light';
  }, [theme, systemIsDark]);
}
