import { Copy, Download, Info, Pencil, Reply, SmilePlus, Trash2 } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Message } from '../../../engine/connection.ts';
import { useAccount } from '../../../engine/queries.ts';
import { Menu, MenuChoice, MenuItem, MenuLine, MenuRow } from '../../../parts/menu.tsx';
import { noteEmoji, recentEmoji } from '../../emoji/recent-emoji.ts';
import { saveFile } from '../files/save-file.ts';
import type { ThreadActions } from '../thread-actions.ts';

const QUICK = 5;

interface MessageMenuProps {
  readonly message: Message;
  readonly place: { readonly x: number; readonly y: number };
  readonly anchor: HTMLElement | null;
  readonly actions: ThreadActions;
  readonly onClose: () => void;
}

/** What can be done with a message. */
export function MessageMenu({ message, place, anchor, actions, onClose }: MessageMenuProps) {
  const { t } = useTranslation();
  const ownId = useAccount()?.accountId ?? '';
  const { deleted, direction, body, delivery } = message;
  const here = message.attachments.filter(({ state }) => state === 'here');
  const isText = message.kind === 'message' && !deleted;
  const reacted = (emoji: string) =>
    message.reactions.some((reaction) => reaction.emoji === emoji && reaction.authors.includes(ownId));
  return (
    <Menu label={t('thread.more')} place={place} returnTo={anchor} onClose={onClose}>
      {isText && (
        <MenuRow label={t('thread.react')}>
          {recentEmoji()
            .slice(0, QUICK)
            .map((emoji) => (
              <MenuChoice
                key={emoji}
                label={t('thread.reactWith', { emoji })}
                chosen={reacted(emoji)}
                onChoose={() => {
                  noteEmoji(emoji);
                  actions.react(message, emoji, !reacted(emoji));
                }}
              >
                {emoji}
              </MenuChoice>
            ))}
          <MenuChoice label={t('thread.reactOther')} onChoose={() => actions.pickReaction(message, place)}>
            <SmilePlus aria-hidden="true" className="size-5 text-soft" strokeWidth={1.75} />
          </MenuChoice>
        </MenuRow>
      )}
      {isText && <MenuLine />}
      {isText && (
        <MenuItem icon={Reply} onChoose={() => actions.reply(message)}>
          {t('thread.reply')}
        </MenuItem>
      )}
      {isText && body !== '' && (
        <MenuItem icon={Copy} onChoose={() => void navigator.clipboard.writeText(body).catch(() => {})}>
          {t('thread.copy')}
        </MenuItem>
      )}
      {isText && direction === 'out' && body !== '' && delivery === 'stored' && (
        <MenuItem icon={Pencil} onChoose={() => actions.edit(message)}>
          {t('thread.edit')}
        </MenuItem>
      )}
      {here.map((attachment) => (
        <MenuItem
          key={attachment.id}
          icon={Download}
          onChoose={() => void saveFile(message, attachment).catch(() => {})}
        >
          {here.length === 1 ? t('thread.save') : t('thread.saveOne', { name: attachment.fileName ?? '' })}
        </MenuItem>
      ))}
      <MenuItem icon={Info} onChoose={() => actions.info(message)}>
        {t('thread.info')}
      </MenuItem>
      <MenuLine />
      <MenuItem icon={Trash2} danger onChoose={() => actions.remove(message)}>
        {t('thread.delete')}
      </MenuItem>
    </Menu>
  );
}
