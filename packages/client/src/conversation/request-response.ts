import type { Change } from '../engine.ts';
import type { ProfileStore } from '../store/profile-store.ts';
import { applyProfileName } from './profile-name.ts';
import type { Received } from './received.ts';

/** Somebody accepts our request; on its own it creates no conversation (messages §5.11, §7 step 12). */
export function handleRequestResponse({ content, sender, ownId }: Received, store: ProfileStore): readonly Change[] {
  const response = content.messageRequestResponse;
  if (!response?.isApproved || sender === ownId || !store.conversations.has(sender)) return [];
  store.conversations.approveUs(sender);
  applyProfileName(sender, response.profile, store);
  return [{ kind: 'conversation', conversationId: sender }];
}
