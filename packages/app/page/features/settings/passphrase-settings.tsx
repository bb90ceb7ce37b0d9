import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { engine } from '../../engine/connection.ts';
import { useCommand } from '../../engine/use-command.ts';
import { useReasonText } from '../../engine/use-reason-text.ts';
import { Button } from '../../parts/button.tsx';
import { Field } from '../../parts/field.tsx';

const LEAST_LENGTH = 8;

type Task = 'set' | 'change' | 'remove';

/** Sets, changes or removes the passphrase that Sotto asks for at its start. */
export function PassphraseSettings({ isSet }: { isSet: boolean }) {
  const { t } = useTranslation();
  const [task, setTask] = useState<Task | null>(null);
  const close = () => setTask(null);
  return (
    <>
      <p className="text-soft">{t(isSet ? 'settings.passphraseHintOn' : 'settings.passphraseHintOff')}</p>
      {task !== null ? (
        <PassphraseForm key={task} task={task} onDone={close} />
      ) : (
        <div className="mt-3 flex flex-wrap gap-2">
          {isSet ? (
            <>
              <Button small onClick={() => setTask('change')}>
                {t('settings.passphraseChange')}
              </Button>
              <Button small look="danger" onClick={() => setTask('remove')}>
                {t('settings.passphraseRemove')}
              </Button>
            </>
          ) : (
            <Button small onClick={() => setTask('set')}>
              {t('settings.passphraseSet')}
            </Button>
          )}
        </div>
      )}
    </>
  );
}

function PassphraseForm({ task, onDone }: { task: Task; onDone: () => void }) {
  const { t } = useTranslation();
  const reasonText = useReasonText();
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const [again, setAgain] = useState('');
  const [problem, setProblem] = useState<'passphraseShort' | 'passphraseDiffer' | null>(null);
  const change = useCommand(
    () =>
      engine.account.setPassphrase.mutate({
        current: task === 'set' ? null : current,
        next: task === 'remove' ? null : next,
      }),
    onDone,
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const found =
      task === 'remove'
        ? null
        : next.length < LEAST_LENGTH
          ? 'passphraseShort'
          : next === again
            ? null
            : 'passphraseDiffer';
    setProblem(found);
    if (found === null) change.run(undefined);
  };
  const forget = () => {
    setProblem(null);
    change.forget();
  };
  return (
    <form onSubmit={submit} className="mt-3 grid gap-3">
      {task !== 'set' && (
        <Field
          label={t('settings.passphraseCurrent')}
          type="password"
          autoComplete="current-password"
          autoFocus
          value={current}
          maxLength={1_000}
          onChange={(event) => {
            setCurrent(event.target.value);
            forget();
          }}
          problem={change.reason === 'wrong-passphrase' ? reasonText(change.reason) : undefined}
        />
      )}
      {task !== 'remove' && (
        <>
          <Field
            label={t('settings.passphraseNew')}
            type="password"
            autoComplete="new-password"
            autoFocus={task === 'set'}
            value={next}
            maxLength={1_000}
            hint={t('settings.passphraseForgotten')}
            onChange={(event) => {
              setNext(event.target.value);
              forget();
            }}
            problem={problem === 'passphraseShort' ? t('settings.passphraseShort') : undefined}
          />
          <Field
            label={t('settings.passphraseRepeat')}
            type="password"
            autoComplete="new-password"
            value={again}
            maxLength={1_000}
            onChange={(event) => {
              setAgain(event.target.value);
              forget();
            }}
            problem={problem === 'passphraseDiffer' ? t('settings.passphraseDiffer') : undefined}
          />
        </>
      )}
      <p role="alert" className="text-ms text-danger empty:hidden">
        {change.reason !== 'wrong-passphrase' && reasonText(change.reason)}
      </p>
      <div className="flex flex-wrap gap-2">
        <Button
          type="submit"
          small
          look={task === 'remove' ? 'danger' : 'primary'}
          disabled={change.running || (task !== 'set' && current === '')}
        >
          {t(`settings.passphrase${TASK_NAMES[task]}`)}
        </Button>
        <Button small onClick={onDone}>
          {t('common.cancel')}
        </Button>
      </div>
    </form>
  );
}

const TASK_NAMES = { set: 'Set', change: 'Change', remove: 'Remove' } as const;
