import { Unplug } from 'lucide-react';
import { type FormEvent, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type AccountInfo, engine } from '../../engine/connection.ts';
import { useRoute } from '../../engine/queries.ts';
import { useCommand } from '../../engine/use-command.ts';
import { useReasonText } from '../../engine/use-reason-text.ts';
import { Button } from '../../parts/button.tsx';
import { Field } from '../../parts/field.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Stage } from '../../parts/stage.tsx';

/** The network may hold the name; only if none arrives for that long is it asked for. */
const NAME_WAIT_MS = 15_000;

interface RestoringProps {
  readonly account: AccountInfo;
  readonly onDone: () => void;
}

/** What of a restored account has arrived; asks for a name if the network holds none. Closes by itself when all is there. */
export function Restoring({ account, onDone }: RestoringProps) {
  const { t } = useTranslation();
  const { restoring, name } = account;
  const waited = useWaited(NAME_WAIT_MS);
  const asksName = name === '' && waited;
  const complete = restoring === null && name !== '';
  useEffect(() => {
    if (complete) onDone();
  }, [complete, onDone]);
  return (
    <Stage title={t('restoring.title')} text={t('restoring.text')}>
      <Progress restoring={restoring} />
      {asksName ? (
        <NameRequest onDone={onDone} />
      ) : (
        <Button className="mt-4.5 w-full" onClick={onDone}>
          {t('restoring.goOn')}
        </Button>
      )}
    </Stage>
  );
}

function Progress({ restoring }: { restoring: AccountInfo['restoring'] }) {
  const { t } = useTranslation();
  const text = restoring === null ? t('restoring.looking') : t(`restoring.stages.${restoring.stage}`);
  const route = useRoute();
  const offline = route?.state === 'offline';
  const share = restoring === null || restoring.of === 0 ? undefined : restoring.done / restoring.of;
  return (
    <div className="mt-4.5">
      <div
        role="progressbar"
        aria-label={t('restoring.progress')}
        aria-valuemin={0}
        aria-valuemax={100}
        {...(share === undefined ? {} : { 'aria-valuenow': Math.round(share * 100) })}
        className="h-2 overflow-hidden rounded-full bg-[color-mix(in_srgb,var(--line)_80%,transparent)]"
      >
        <svg aria-hidden="true" viewBox="0 0 100 1" preserveAspectRatio="none" className="block size-full">
          <rect width={(share ?? 0.08) * 100} height="1" className="fill-accent transition-[width] duration-300" />
        </svg>
      </div>
      <p role="status" className="mt-2 text-ms text-soft">
        {!offline && text}
      </p>
      <div role="status">
        {offline && (
          <Notice icon={Unplug}>
            {route.proxyProblem === null ? t('restoring.offline') : t(`proxy.problem.${route.proxyProblem}`)}
          </Notice>
        )}
      </div>
    </div>
  );
}

function NameRequest({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation();
  const reasonText = useReasonText();
  const [name, setName] = useState('');
  const save = useCommand((chosen: string) => engine.account.setName.mutate({ name: chosen }), onDone);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.run(name.trim());
  };
  return (
    <form onSubmit={submit} className="mt-4.5 grid gap-2.5">
      <Field
        label={t('restoring.name')}
        hint={t('restoring.nameHint')}
        value={name}
        onChange={(event) => {
          setName(event.target.value);
          save.forget();
        }}
        autoFocus
        autoComplete="nickname"
        spellCheck={false}
        dir="auto"
        maxLength={100}
        problem={reasonText(save.reason)}
      />
      <Button type="submit" look="primary" disabled={save.running || name.trim() === ''}>
        {t('restoring.useName')}
      </Button>
      <Button disabled={save.running} onClick={onDone}>
        {t('restoring.later')}
      </Button>
    </form>
  );
}

function useWaited(ms: number): boolean {
  const [waited, setWaited] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setWaited(true), ms);
    return () => clearTimeout(timer);
  }, [ms]);
  return waited;
}
