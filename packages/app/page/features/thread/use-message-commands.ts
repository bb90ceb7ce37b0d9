import { type RefObject, useCallback, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { engine, type Message, reasonOf } from '../../engine/connection.ts';
import { useReasonText } from '../../engine/use-reason-text.ts';
import type { MessageListHandle } from './message-list.tsx';

interface CommandParts {
  readonly list: RefObject<MessageListHandle | null>;
  readonly messages: readonly Message[] | undefined;
  readonly loadAround: (messageId: string, isWanted: () => boolean) => Promise<boolean>;
}

/** Going to messages and reacting to them; `problem` says what did not work. */
export function useMessageCommands({ list, messages, loadAround }: CommandParts) {
  const { t } = useTranslation();
  const reasonText = useReasonText();
  const [problem, setProblem] = useState<string | null>(null);
  const latest = useRef({ messages, reasonText, t });
  latest.current = { messages, reasonText, t };
  /** Where to go: pages may come in another order than they were asked for. */
  const goal = useRef('');
  const jump = useCallback(
    async (messageId: string) => {
      const { messages, t } = latest.current;
      goal.current = messageId;
      const isWanted = () => goal.current === messageId;
      if (messages?.some(({ id }) => id === messageId)) return list.current?.showMessage(messageId);
      const isHere = await loadAround(messageId, isWanted);
      if (!isWanted()) return;
      if (!isHere) return setProblem(t('thread.jumpFailed'));
      requestAnimationFrame(() => list.current?.showMessage(messageId));
    },
    [list, loadAround],
  );
  const react = useCallback((message: Message, emoji: string, on: boolean) => {
    engine.messages.react.mutate({ messageId: message.id, emoji, on }).then(
      () => setProblem(null),
      (error: unknown) => setProblem(latest.current.reasonText(reasonOf(error)) ?? null),
    );
  }, []);
  return { problem, jump: useCallback((messageId: string) => void jump(messageId), [jump]), react };
}
