import { useSyncExternalStore } from 'react';

/** Widths at which the page changes its shape; the same as `narrow:` and `wide:` in the styles. */
export const NARROW = '(width <= 720px)';
export const WIDE = '(width >= 1180px)';

/** Whether a media query holds now. */
export function useMedia(query: string): boolean {
  return useSyncExternalStore(
    (changed) => {
      const media = matchMedia(query);
      media.addEventListener('change', changed);
      return () => media.removeEventListener('change', changed);
    },
    () => matchMedia(query).matches,
  );
}
