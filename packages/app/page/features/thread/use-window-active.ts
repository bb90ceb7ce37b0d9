import { useSyncExternalStore } from 'react';

const EVENTS = ['focus', 'blur', 'visibilitychange'] as const;

/** Whether somebody is looking: the window is visible and has the focus. */
export function useWindowActive(): boolean {
  return useSyncExternalStore(
    (changed) => {
      for (const event of EVENTS) addEventListener(event, changed);
      document.addEventListener('visibilitychange', changed);
      return () => {
        for (const event of EVENTS) removeEventListener(event, changed);
        document.removeEventListener('visibilitychange', changed);
      };
    },
    () => document.visibilityState === 'visible' && document.hasFocus(),
  );
}
