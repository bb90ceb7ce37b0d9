import { type AcceptedContent, CallMessage_Type } from '@sotto/wire/content';
import type { Disappearing } from '../../engine.ts';
import { disappearingOf } from '../lifetimes.ts';
import type { Received } from '../received.ts';
import { removeMessage } from '../removal.ts';
import { insertNotice } from './notice.ts';

/** An offer from farther in the future is dropped. */
const MOST_AHEAD_MS = 300_000;
const LONGEST_NAME = 100;

/**
 * Calls cannot be taken here, so an offer from somebody whom we accepted is a missed call, unless another device of ours
 * took or ended it (messages §5.17).
 */
export function takeCall({ call, expiry }: AcceptedContent & { kind: 'call' }, received: Received): void {
  const { store, touched, sender, sentAt, ownId, now } = received;
  if (call.uuid === '' || call.uuid.length > LONGEST_NAME) return;
  if (sender === ownId) {
    for (const id of store.calls.handle(call.uuid, ownId, now)) {
      const notice = store.messages.get(id);
      if (notice) removeMessage(notice, store, touched);
    }
    return;
  }
  const isOffer = call.type === CallMessage_Type.OFFER && sentAt <= now + MOST_AHEAD_MS;
  if (!isOffer || store.calls.isHandled(call.uuid, ownId) || !store.conversations.state(sender)?.approved) return;
  const known = store.calls.missed(call.uuid, sender);
  if (known !== null) {
    // The same call is offered again and again; it began with the first offer.
    const notice = store.messages.get(known);
    const isFree = store.messages.find({ author: sender, sentAt }) === null;
    if (notice?.sentAt && sentAt < notice.sentAt && isFree) {
      store.messages.place(known, sentAt, Math.min(sentAt, now));
      touched.message(known);
    }
    return;
  }
  const disappearing = afterSend(disappearingOf(expiry));
  const expiresAt = disappearing && Math.min(sentAt, now) + disappearing.seconds * 1000;
  const notice = { conversationId: sender, kind: 'missed-call', unread: true, disappearing, expiresAt } as const;
  const id = insertNotice(notice, received);
  if (id === null) return;
  store.calls.addMissed(call.uuid, sender, id, now);
  store.conversations.touch(sender, Math.min(sentAt, now));
}

function afterSend(disappearing: Disappearing | null): Disappearing | null {
  return disappearing && { ...disappearing, mode: 'after-send' };
}
