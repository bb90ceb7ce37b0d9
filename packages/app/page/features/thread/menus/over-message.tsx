import { useTranslation } from 'react-i18next';
import type { Message } from '../../../engine/connection.ts';
import { Popup } from '../../../parts/popup.tsx';
import { EmojiPicker } from '../../emoji/emoji-picker.tsx';
import type { ThreadActions } from '../thread-actions.ts';
import type { Above } from './above.ts';
import { DeleteSheet } from './delete-sheet.tsx';
import { InfoSheet } from './info-sheet.tsx';
import { MessageMenu } from './message-menu.tsx';

interface OverMessageProps {
  readonly above: Extract<Above, { readonly message: Message }>;
  readonly messages: readonly Message[];
  readonly actions: ThreadActions;
  readonly noteToSelf: boolean;
  readonly onClose: () => void;
}

/** What was opened for one message, with its newest state. */
export function OverMessage({ above, messages, actions, noteToSelf, onClose }: OverMessageProps) {
  const { t } = useTranslation();
  const message = messages.find(({ id }) => id === above.message.id) ?? above.message;
  switch (above.kind) {
    case 'menu':
      return (
        <MessageMenu message={message} place={above.place} anchor={above.anchor} actions={actions} onClose={onClose} />
      );
    case 'reaction':
      return (
        <Popup label={t('thread.react')} place={above.place} onClose={onClose}>
          <EmojiPicker
            onPick={(emoji) => {
              onClose();
              actions.react(message, emoji, true);
            }}
          />
        </Popup>
      );
    case 'delete':
      return <DeleteSheet message={message} noteToSelf={noteToSelf} onClose={onClose} />;
    case 'info':
      return <InfoSheet message={message} noteToSelf={noteToSelf} onClose={onClose} />;
  }
}
