/** Where this page's half of the session lies in the browser's storage. */
export const PAGE_KEY = 'page-key';
const SESSION_PATH = '/session';

/** Whether this browser may talk to the host. */
export type SessionState = 'open' | 'missing' | 'unreachable';

/**
 * Exchanges the one-time token of the link, if the page was opened by one, and says whether there is a session.
 * The token leaves the address bar before anything else happens.
 */
export async function openSession(): Promise<SessionState> {
  const token = location.hash.slice(1);
  if (token !== '') {
    history.replaceState(null, '', '/');
    await exchange(token);
  }
  return sessionState();
}

/** Asks the host whether it still knows this browser. */
export async function sessionState(): Promise<SessionState> {
  try {
    const answer = await fetch(SESSION_PATH, { headers: { 'X-Page-Key': pageKey() }, cache: 'no-store' });
    return answer.ok ? 'open' : 'missing';
  } catch {
    return 'unreachable';
  }
}

/** This page's half of the session; the other is a cookie that scripts cannot read. Empty if there is none. */
export function pageKey(): string {
  return localStorage.getItem(PAGE_KEY) ?? '';
}

/** A used or expired token is no failure of its own: an older session may still hold. */
async function exchange(token: string): Promise<void> {
  try {
    const answer = await fetch(SESSION_PATH, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ token }),
    });
    if (!answer.ok) return;
    const { pageKey } = (await answer.json()) as { pageKey: string };
    localStorage.setItem(PAGE_KEY, pageKey);
  } catch {
    // The host cannot be reached; `sessionState` says so next.
  }
}
