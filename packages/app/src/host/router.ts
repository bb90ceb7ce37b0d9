import type { AppChange } from './messenger.ts';
import { account } from './router/account.ts';
import { attachments } from './router/attachments.ts';
import { call, group } from './router/call.ts';
import { contacts } from './router/contacts.ts';
import { conversations } from './router/conversations.ts';
import { devices } from './router/devices.ts';
import { messages } from './router/messages.ts';
import { network } from './router/network.ts';
import { route } from './router/route.ts';
import { settings } from './router/settings.ts';

/** Everything the page can ask for: the engine's own queries and commands, and what comes before there is an engine. */
export const router = group({
  status: call.query(({ ctx }) => ctx.messenger.status()),
  account,
  attachments,
  contacts,
  conversations,
  devices,
  messages,
  network,
  route,
  settings,

  /** Begins with `everything`, so that a page that was away queries all anew. */
  changes: call.subscription(async function* ({ ctx, signal }): AsyncGenerator<AppChange> {
    const changes = ctx.messenger.changes(signal ?? new AbortController().signal);
    yield { kind: 'everything' };
    yield* changes;
  }),
});

/** What the page imports, as a type alone. */
export type AppRouter = typeof router;
