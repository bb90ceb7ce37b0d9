import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { Conversation, Settings } from '../../engine/connection.ts';
import { type MessageChange, onMessage, useConversations, useSettings } from '../../engine/queries.ts';
import { useDisplayName } from '../chats/display-name.ts';
import { useSummary } from '../chats/use-summary.ts';
import { notificationPermission } from './permission.ts';

type NewMessage = Extract<MessageChange, { kind: 'message' }>['message'];

/** What is older came while nobody could be told; it counts as unread and makes no noise. */
const NEWS_MS = 10 * 60_000;

/** Tells of new messages through the browser while nobody looks at the page. Shows nothing itself. */
export function Notifier({ onOpen }: { onOpen: (conversationId: string) => void }) {
  const { t } = useTranslation();
  const settings = useSettings();
  const conversations = useConversations();
  const displayName = useDisplayName();
  const summary = useSummary();
  const latest = useRef({ settings, conversations, displayName, summary, onOpen, t });
  latest.current = { settings, conversations, displayName, summary, onOpen, t };
  useEffect(() => {
    return onMessage((change) => {
      if (change?.kind !== 'message' || !change.isNew) return;
      const { message } = change;
      const { settings, conversations, displayName, summary, onOpen, t } = latest.current;
      const conversation = conversations?.find(({ id }) => id === message.conversationId);
      if (!isWorthTelling(message, conversation, settings)) return;
      const name = conversation === undefined ? '' : displayName(conversation);
      const stranger = conversation === undefined || conversation.isRequest;
      const content = stranger ? 'nothing' : settings?.notificationContent;
      const title = stranger ? t('notifications.request') : content === 'nothing' ? t('notifications.message') : name;
      const body =
        content === 'name-and-text' ? summary(message) : content === 'name' ? t('notifications.message') : '';
      // The next one of a conversation takes the place of the last, and is told like it.
      const place = { tag: message.conversationId, renotify: true };
      const notification = new Notification(title, { body, icon: '/mark.svg', ...place });
      notification.onclick = () => {
        window.focus();
        onOpen(message.conversationId);
        notification.close();
      };
    });
  }, []);
  return null;
}

/** Whether somebody should be interrupted for a message now. */
function isWorthTelling(
  message: NewMessage,
  conversation: Conversation | undefined,
  settings: Settings | undefined,
  now = Date.now(),
): boolean {
  if (settings?.notifications !== true || notificationPermission() !== 'granted' || document.hasFocus()) return false;
  if (message.direction === 'out' || message.deleted || message.read || message.sentAt < now - NEWS_MS) return false;
  if (message.kind !== 'message' && message.kind !== 'missed-call') return false;
  if (conversation === undefined) return true;
  const { isBlocked, isNoteToSelf, mutedUntil, notifications } = conversation;
  if (isBlocked || isNoteToSelf || (mutedUntil !== null && mutedUntil > now)) return false;
  return notifications === 'all' || (notifications === 'mentions' && message.mentionsUs);
}
