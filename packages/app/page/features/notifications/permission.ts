import { useSyncExternalStore } from 'react';

/** Whether the browser lets this page notify; `unsupported` where it cannot at all. */
type Permission = NotificationPermission | 'unsupported';

const listeners = new Set<() => void>();

/** What the browser allows now. */
export function usePermission(): Permission {
  return useSyncExternalStore(subscribe, notificationPermission);
}

export function notificationPermission(): Permission {
  return 'Notification' in globalThis ? Notification.permission : 'unsupported';
}

/** Lets the browser ask the person; only called when they have chosen notifications. */
export async function askPermission(): Promise<Permission> {
  if (notificationPermission() === 'default') await Notification.requestPermission();
  for (const listener of listeners) listener();
  return notificationPermission();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  // It may be taken back in the browser's own settings meanwhile.
  addEventListener('focus', listener);
  return () => {
    listeners.delete(listener);
    removeEventListener('focus', listener);
  };
}
