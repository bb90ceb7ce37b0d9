import { createTRPCClient, createWSClient, TRPCClientError, wsLink } from '@trpc/client';
import type { inferRouterOutputs } from '@trpc/server';
import type { AppChange } from '../../src/host/messenger.ts';
import type { AppRouter } from '../../src/host/router.ts';
import { FileError } from './files.ts';
import { openSession, pageKey, type SessionState, sessionState } from './session.ts';

type Outputs = inferRouterOutputs<AppRouter>;
export type Conversation = Outputs['conversations']['list'][number];
export type Message = Extract<AppChange, { readonly kind: 'message' }>['message'];
export type Attachment = Message['attachments'][number];
export type SearchHit = Outputs['messages']['search'][number];
export type Contact = Outputs['contacts']['list'][number];
export type RouteInfo = Outputs['route']['get'];
export type NetworkInfo = Outputs['network']['get'];
export type NetworkPreview = Outputs['network']['read'];
export type AccountInfo = Outputs['account']['get'];
export type Settings = Outputs['settings']['get'];
export type PhraseCheck = Outputs['account']['checkPhrase'];

/** How the page stands to the host: `lost` means that it was reached before and does not answer now. */
export type ConnectionState = SessionState | 'connecting' | 'lost';

const RETRY_MS = [100, 300, 1_000, 2_000];

let state: ConnectionState = 'connecting';
const listeners = new Set<() => void>();

const socket = createWSClient({
  url: () => `ws://${location.host}/engine`,
  connectionParams: () => ({ pageKey: pageKey() }),
  retryDelayMs: (attempt) => RETRY_MS[attempt] ?? 3_000,
  lazy: { enabled: true, closeMs: 2 ** 31 - 1 },
  keepAlive: { enabled: true, intervalMs: 15_000, pongTimeoutMs: 8_000 },
  onOpen: () => setState('open'),
  onClose: () => {
    if (state === 'open') setState('lost');
    void watchSession();
  },
});

/** The engine, as far as the page sees it. */
export const engine = createTRPCClient<AppRouter>({ links: [wsLink({ client: socket })] });

/** Opens the session and tells listeners; asks on while the host cannot be reached. */
export async function connect(): Promise<void> {
  const found = await openSession();
  setState(found);
  if (found === 'unreachable') setTimeout(() => void connect(), 1_500);
}

export function connectionState(): ConnectionState {
  return state;
}

/** Calls `listener` after each change; returns how to stop that. */
export function onConnectionChange(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The stable word for what went wrong with a call. */
export function reasonOf(error: unknown): string {
  if (error instanceof FileError) return error.reason;
  const data = error instanceof TRPCClientError ? (error.data as { reason?: string } | null | undefined) : null;
  return data?.reason ?? 'internal';
}

/** A host that was started anew does not know this browser; then only a fresh link helps and trying on is useless. */
async function watchSession(): Promise<void> {
  if ((await sessionState()) !== 'missing') return;
  setState('missing');
  await socket.close();
}

function setState(next: ConnectionState): void {
  if (state === next) return;
  state = next;
  for (const listener of listeners) listener();
}
