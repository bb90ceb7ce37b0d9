import { type RefObject, useCallback, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { engine, type Message, reasonOf } from '../../engine/connection.ts';
import { useReasonText } from '../../engine/use-reason-text.ts';
import type { MessageListHandle } from './message-list.tsx';

interface CommandParts {
  readonly list: RefObject<MessageListHandle | null>;
  readonly messages: readonly Message[] | undefined;
  readonly loadAround: (messageId: string) => Promise<boolean>;
}

/** Going to messages and reacting to them; `problem` says what did not work. */
export function useMessageCommands({ list, messages, loadAround }: CommandParts) {
  const { t } = useTranslation();
  const reasonText = useReasonText();
  const [problem, setProblem] = useState<string | null>(null);
  const latest = useRef({ messages, reasonText, t });
  latest.current = { messages, reasonText, t };
  const jump = useCallback(
    async (messageId: string) => {
      const { messages, t } = latest.current;
      if (messages?.some(({ id }) => id === messageId)) return list.current?.showMessage(messageId);
      if (!(await loadAround(messageId))) return setProblem(t('thread.jumpFailed'));
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
