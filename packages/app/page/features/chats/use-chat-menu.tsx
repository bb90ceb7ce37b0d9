import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Conversation, engine } from '../../engine/connection.ts';
import { useConversations } from '../../engine/queries.ts';
import { useCommand } from '../../engine/use-command.ts';
import { useReasonText } from '../../engine/use-reason-text.ts';
import { Question } from '../../parts/question.tsx';
import { ChatMenu } from './chat-menu.tsx';
import { useDisplayName } from './display-name.ts';

type Place = { readonly x: number; readonly y: number };
type Open =
  | {
      readonly kind: 'menu';
      readonly conversation: Conversation;
      readonly place: Place;
      readonly anchor: HTMLElement | null;
    }
  | { readonly kind: 'block' | 'deleteConversation'; readonly conversation: Conversation };

/** The menu of the chat list's rows, and the questions that some of its choices ask first. */
export function useChatMenu(onGone: (conversationId: string) => void) {
  const { t } = useTranslation();
  const reasonText = useReasonText();
  const displayName = useDisplayName();
  const [open, setOpen] = useState<Open | null>(null);
  const close = () => setOpen(null);
  const quick = useCommand((call: () => Promise<unknown>) => call());
  const part = useCommand(
    async ({ kind, conversation: { id } }: Open) => {
      if (kind === 'block') await engine.contacts.setBlocked.mutate({ accountId: id, blocked: true });
      else await engine.conversations.delete.mutate({ id });
      return { kind, id };
    },
    ({ kind, id }) => {
      close();
      if (kind === 'deleteConversation') onGone(id);
    },
  );
  const conversations = useConversations();
  // Its newest state: the menu may have been opened before what was chosen last has arrived.
  const conversation = conversations?.find(({ id }) => id === open?.conversation.id) ?? open?.conversation;
  const name = conversation === undefined ? '' : displayName(conversation);
  const shown: ReactNode =
    open?.kind === 'menu' ? (
      <ChatMenu
        conversation={conversation ?? open.conversation}
        name={name}
        place={open.place}
        anchor={open.anchor}
        onRun={quick.run}
        onAsk={(kind) => {
          part.forget();
          setOpen({ kind, conversation: open.conversation });
        }}
        // What was chosen may ask something already.
        onClose={() => setOpen((known) => (known === open ? null : known))}
      />
    ) : (
      open !== null && (
        <Question
          title={t(`parting.${open.kind}.title`, { name })}
          action={t(`parting.${open.kind}.action`)}
          running={part.running}
          problem={reasonText(part.reason)}
          onYes={() => part.run(open)}
          onClose={close}
        >
          <p>{t(`parting.${open.kind}.does`, { name })}</p>
          <p>{t(`parting.${open.kind}.doesNot`, { name })}</p>
        </Question>
      )
    );
  return {
    openMenu: (conversation: Conversation, place: Place, anchor: HTMLElement | null) =>
      setOpen({ kind: 'menu', conversation, place, anchor }),
    shown,
    problem: reasonText(quick.reason),
  };
}
