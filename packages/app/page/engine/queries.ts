import { QueryClient, useQuery } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';
import type { AppChange } from '../../src/host/messenger.ts';
import { type Conversation, connectionState, engine, onConnectionChange } from './connection.ts';

/** News of one message, or that a conversation is gone with all of its messages. */
export type MessageChange = Extract<
  AppChange,
  { readonly kind: 'message' | 'message-removed' | 'attachment' | 'conversation-removed' }
>;

/** Holds what the engine answered, until the engine says that it changed. */
export const queries = new QueryClient({
  defaultOptions: {
    // The engine is on this computer: whether the computer is online does not matter here.
    queries: { staleTime: Number.POSITIVE_INFINITY, retry: false, refetchOnWindowFocus: false, networkMode: 'always' },
    mutations: { retry: false, networkMode: 'always' },
  },
});

const NO_CONVERSATIONS: readonly Conversation[] = [];
const messageListeners = new Set<(change: MessageChange | null) => void>();

export function useStatus() {
  return useQuery({ queryKey: ['status'], queryFn: () => engine.status.query() }).data;
}

export function useAccount() {
  return useQuery({ queryKey: ['account'], queryFn: () => engine.account.get.query() }).data;
}

export function useSettings() {
  return useQuery({ queryKey: ['settings'], queryFn: () => engine.settings.get.query() }).data;
}

/** The private route, with the mailbox of a conversation at its end, or our own. */
export function useRoute(conversationId?: string) {
  return useQuery({ queryKey: ['route', conversationId], queryFn: () => engine.route.get.query(conversationId) }).data;
}

/** Newest activity first; `null` while they are being loaded. */
export function useConversations(): readonly Conversation[] | null {
  const answer = useQuery({ queryKey: ['conversations'], queryFn: () => engine.conversations.list.query() });
  return answer.data ?? (answer.isPending ? null : NO_CONVERSATIONS);
}

export function useConnection() {
  return useSyncExternalStore(onConnectionChange, connectionState);
}

/** By name. */
export function useContacts() {
  return useQuery({ queryKey: ['contacts'], queryFn: () => engine.contacts.list.query() }).data;
}

/** Changes with the account. */
export function useDevices() {
  return useQuery({ queryKey: ['account', 'devices'], queryFn: () => engine.devices.get.query() }).data;
}

/** Changes with the route. */
export function useNetwork() {
  return useQuery({ queryKey: ['route', 'network'], queryFn: () => engine.network.get.query() }).data;
}

/** Hears each new, changed or removed message; `null` after a gap, when all must be queried anew. */
export function onMessage(listener: (change: MessageChange | null) => void): () => void {
  messageListeners.add(listener);
  return () => messageListeners.delete(listener);
}

/** Keeps what is shown in step with the engine; returns how to stop. */
export function followChanges(): () => void {
  const subscription = engine.changes.subscribe(undefined, {
    onData: (change) => {
      switch (change.kind) {
        case 'status':
        case 'everything':
          void queries.invalidateQueries();
          tellOfMessage(null);
          break;
        case 'account':
          void queries.invalidateQueries({ queryKey: ['account'] });
          void queries.invalidateQueries({ queryKey: ['settings'] });
          break;
        case 'route':
          void queries.invalidateQueries({ queryKey: ['route'] });
          break;
        case 'conversation':
          void queries.invalidateQueries({ queryKey: ['conversations'] });
          void queries.invalidateQueries({ queryKey: ['contacts'] });
          break;
        case 'attachment':
          tellOfMessage(change);
          break;
        default:
          void queries.invalidateQueries({ queryKey: ['conversations'] });
          tellOfMessage(change);
      }
    },
  });
  return () => subscription.unsubscribe();
}

function tellOfMessage(change: MessageChange | null): void {
  for (const listener of messageListeners) listener(change);
}
