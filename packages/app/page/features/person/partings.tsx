import { Ban, CircleCheck, Trash2, UserRoundX } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Conversation, engine } from '../../engine/connection.ts';
import { useCommand } from '../../engine/use-command.ts';
import { useReasonText } from '../../engine/use-reason-text.ts';
import { Question } from '../../parts/question.tsx';
import { PanelRow } from './panel-row.tsx';

type Parting = 'block' | 'deleteConversation' | 'removeContact';

interface PartingsProps {
  readonly person: Pick<Conversation, 'id' | 'isBlocked' | 'isNoteToSelf' | 'isRequest'>;
  readonly name: string;
  /** The conversation is gone. */
  readonly onGone: () => void;
}

/** How one parts from somebody: block them, delete what was said, forget them. Each says first what it does. */
export function Partings({ person: { id, isBlocked, isNoteToSelf, isRequest }, name, onGone }: PartingsProps) {
  const { t } = useTranslation();
  const reasonText = useReasonText();
  const [asking, setAsking] = useState<Parting | null>(null);
  const unblock = useCommand(() => engine.contacts.setBlocked.mutate({ accountId: id, blocked: false }));
  const part = useCommand(
    async (parting: Parting) => {
      if (parting === 'block') await engine.contacts.setBlocked.mutate({ accountId: id, blocked: true });
      if (parting === 'deleteConversation') await engine.conversations.delete.mutate({ id });
      if (parting === 'removeContact') await engine.contacts.remove.mutate({ accountId: id });
      return parting;
    },
    (parting) => {
      setAsking(null);
      if (parting !== 'block') onGone();
    },
  );
  const ask = (parting: Parting) => {
    part.forget();
    setAsking(parting);
  };
  return (
    <>
      {!isNoteToSelf &&
        (isBlocked ? (
          <PanelRow
            icon={CircleCheck}
            label={t('person.unblock', { name })}
            disabled={unblock.running}
            onClick={() => unblock.run(undefined)}
          />
        ) : (
          <PanelRow danger icon={Ban} label={t('person.block', { name })} onClick={() => ask('block')} />
        ))}
      <PanelRow danger icon={Trash2} label={t('person.deleteConversation')} onClick={() => ask('deleteConversation')} />
      {!isNoteToSelf && !isRequest && (
        <PanelRow danger icon={UserRoundX} label={t('person.removeContact')} onClick={() => ask('removeContact')} />
      )}
      {asking !== null && (
        <Question
          title={t(`parting.${asking}.title`, { name })}
          action={t(`parting.${asking}.action`)}
          running={part.running}
          problem={reasonText(part.reason)}
          onYes={() => part.run(asking)}
          onClose={() => setAsking(null)}
        >
          <p>{t(`parting.${asking}.does`, { name })}</p>
          <p>{t(`parting.${asking}.doesNot`, { name })}</p>
        </Question>
      )}
    </>
  );
}
