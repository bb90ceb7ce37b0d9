import { createTRPCClient, createWSClient, wsLink } from '@trpc/client';
import { WebSocket } from 'ws';
import type { AppRouter } from '../host/router.ts';

/** What a page can do with a host, for tests without a browser: the session that a link opens, and the engine over it. */
export async function openPageSession(url: string) {
  const { origin, host, hash } = new URL(url);
  const answer = await fetch(`${origin}/session`, {
    method: 'POST',
    headers: { Origin: origin, 'Content-Type': 'application/json' },
    body: JSON.stringify({ token: hash.slice(1) }),
  });
  const { pageKey } = (await answer.json()) as { pageKey: string };
  const cookie = answer.headers.get('set-cookie')!.split(';')[0]!;
  class PageSocket extends WebSocket {
    constructor(address: string | URL) {
      super(address, { headers: { Origin: origin, Cookie: cookie } });
    }
  }
  const socket = createWSClient({
    url: `ws://${host}/engine`,
    WebSocket: PageSocket as unknown as typeof globalThis.WebSocket,
    connectionParams: { pageKey },
  });
  return {
    socket,
    engine: createTRPCClient<AppRouter>({ links: [wsLink({ client: socket })] }),
    /** Posts to a path of the host, as the page does with files. */
    post: (path: string, headers: Record<string, string>, body?: Blob) =>
      fetch(`${origin}${path}`, {
        method: 'POST',
        headers: { Origin: origin, Cookie: cookie, 'X-Page-Key': pageKey, ...headers },
        body: body ?? null,
      }),
  };
}
