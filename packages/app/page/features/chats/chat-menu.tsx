import { Archive, ArchiveRestore, Ban, Bell, BellOff, Mail, MailOpen, Pin, PinOff, Trash2 } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { type Conversation, engine } from '../../engine/connection.ts';
import { Menu, MenuItem, MenuLine } from '../../parts/menu.tsx';
import { FOREVER_MS } from '../person/muted.ts';
import { isQuiet, isUnread } from './use-chats.ts';

const EIGHT_HOURS_MS = 8 * 3_600_000;

interface ChatMenuProps {
  readonly conversation: Conversation;
  readonly name: string;
  readonly place: { readonly x: number; readonly y: number };
  readonly anchor: HTMLElement | null;
  readonly onRun: (call: () => Promise<unknown>) => void;
  /** For what should be asked about first. */
  readonly onAsk: (about: 'block' | 'deleteConversation') => void;
  readonly onClose: () => void;
}

/** What can be done with a conversation from the list. */
export function ChatMenu({ conversation, name, place, anchor, onRun, onAsk, onClose }: ChatMenuProps) {
  const { t } = useTranslation();
  const { id, isPinned, isArchived, isBlocked, isNoteToSelf } = conversation;
  const quiet = isQuiet(conversation);
  const unread = isUnread(conversation);
  const calls = engine.conversations;
  const mute = (forMs: number) => onRun(() => calls.setMuted.mutate({ id, until: Date.now() + forMs }));
  const unmute = async () => {
    await calls.setMuted.mutate({ id, until: null });
    if (conversation.notifications === 'none') await calls.setNotifications.mutate({ id, notifications: 'all' });
  };
  return (
    <Menu label={t('chats.menu', { name })} place={place} returnTo={anchor} onClose={onClose}>
      <MenuItem
        icon={unread ? MailOpen : Mail}
        onChoose={() => onRun(() => (unread ? calls.markRead.mutate({ id }) : calls.markUnread.mutate({ id })))}
      >
        {t(unread ? 'chats.markRead' : 'chats.markUnread')}
      </MenuItem>
      <MenuItem
        icon={isPinned ? PinOff : Pin}
        onChoose={() => onRun(() => calls.setPinned.mutate({ id, on: !isPinned }))}
      >
        {t(isPinned ? 'person.unpin' : 'person.pin')}
      </MenuItem>
      {!isNoteToSelf && quiet && (
        <MenuItem icon={Bell} onChoose={() => onRun(unmute)}>
          {t('chats.unmute')}
        </MenuItem>
      )}
      {!isNoteToSelf && !quiet && (
        <>
          <MenuItem icon={BellOff} onChoose={() => mute(EIGHT_HOURS_MS)}>
            {t('chats.muteHours')}
          </MenuItem>
          <MenuItem icon={BellOff} onChoose={() => mute(FOREVER_MS)}>
            {t('chats.muteAlways')}
          </MenuItem>
        </>
      )}
      <MenuItem
        icon={isArchived ? ArchiveRestore : Archive}
        onChoose={() => onRun(() => calls.setArchived.mutate({ id, on: !isArchived }))}
      >
        {t(isArchived ? 'person.unarchive' : 'person.archive')}
      </MenuItem>
      <MenuLine />
      {!isNoteToSelf && (
        <MenuItem
          icon={Ban}
          danger={!isBlocked}
          onChoose={() =>
            isBlocked
              ? onRun(() => engine.contacts.setBlocked.mutate({ accountId: id, blocked: false }))
              : onAsk('block')
          }
        >
          {t(isBlocked ? 'person.unblock' : 'person.block', { name })}
        </MenuItem>
      )}
      <MenuItem icon={Trash2} danger onChoose={() => onAsk('deleteConversation')}>
        {t('person.deleteConversation')}
      </MenuItem>
    </Menu>
  );
}
