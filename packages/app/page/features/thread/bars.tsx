import { Ban, UserRoundPlus } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Conversation, engine } from '../../engine/connection.ts';
import { useCommand } from '../../engine/use-command.ts';
import { useReasonText } from '../../engine/use-reason-text.ts';
import { Button } from '../../parts/button.tsx';
import { Question } from '../../parts/question.tsx';

interface BarProps {
  readonly conversation: Conversation;
  readonly name: string;
}

/** Somebody wrote for the first time: accept, delete or block. They learn of none but the first. */
export function RequestBar({ conversation, name, onGone }: BarProps & { readonly onGone: () => void }) {
  const { t } = useTranslation();
  const { id } = conversation;
  const reasonText = useReasonText();
  const [asked, setAsked] = useState<'delete' | 'block' | null>(null);
  const accept = useCommand(() => engine.conversations.acceptRequest.mutate({ id }));
  const finish = useCommand(async (block: boolean) => {
    if (block) await engine.contacts.setBlocked.mutate({ accountId: id, blocked: true });
    await engine.conversations.declineRequest.mutate({ id });
  }, onGone);
  return (
    <aside className="border-t border-line bg-accent-soft px-6 py-3 text-ms text-accent narrow:px-3">
      <div className="flex items-center gap-3">
        <UserRoundPlus aria-hidden="true" className="size-5 shrink-0" strokeWidth={1.75} />
        <p>
          <b className="font-semibold">{t('thread.requestTitle', { name })}</b> <span>{t('thread.requestText')}</span>
        </p>
      </div>
      <div className="mt-2.5 flex flex-wrap gap-2">
        <Button small look="primary" disabled={accept.running} onClick={() => accept.run(undefined)}>
          {t('request.accept')}
        </Button>
        <Button small className="bg-surface text-ink" onClick={() => setAsked('delete')}>
          {t('request.delete')}
        </Button>
        <Button small look="danger" className="bg-surface" onClick={() => setAsked('block')}>
          {t('request.block')}
        </Button>
      </div>
      {asked !== null && (
        <Question
          title={t(`request.${asked}Title`, { name })}
          action={t(`request.${asked}`)}
          running={finish.running}
          problem={reasonText(finish.reason)}
          onYes={() => finish.run(asked === 'block')}
          onClose={() => setAsked(null)}
        >
          <p>{t(`request.${asked}Text`)}</p>
        </Question>
      )}
    </aside>
  );
}

/** Stands where one would write to somebody who is blocked. */
export function BlockedBar({ conversation: { id }, name }: BarProps) {
  const { t } = useTranslation();
  const unblock = useCommand(() => engine.contacts.setBlocked.mutate({ accountId: id, blocked: false }));
  return (
    <aside className="flex flex-wrap items-center gap-3 border-t border-line bg-surface px-6 py-4 narrow:px-3">
      <Ban aria-hidden="true" className="size-5 shrink-0 text-faint" strokeWidth={1.75} />
      <p className="min-w-0 flex-1 text-soft">{t('thread.blocked', { name })}</p>
      <Button small disabled={unblock.running} onClick={() => unblock.run(undefined)}>
        {t('thread.unblock')}
      </Button>
    </aside>
  );
}
