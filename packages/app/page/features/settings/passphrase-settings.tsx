import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { engine } from '../../engine/connection.ts';
import { useCommand } from '../../engine/use-command.ts';
import { useReasonText } from '../../engine/use-reason-text.ts';
import { Button } from '../../parts/button.tsx';
import { Field } from '../../parts/field.tsx';
import { NewPassphraseFields, useNewPassphrase } from '../../parts/new-passphrase-fields.tsx';

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
  const change = useCommand(
    (chosen: string | null) =>
      engine.account.setPassphrase.mutate({ current: task === 'set' ? null : current, next: chosen }),
    onDone,
  );
  const next = useNewPassphrase(change.forget);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (task === 'remove') change.run(null);
    else next.take(change.run);
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
            change.forget();
          }}
          problem={change.reason === 'wrong-passphrase' ? reasonText(change.reason) : undefined}
        />
      )}
      {task !== 'remove' && (
        <NewPassphraseFields
          label={t('settings.passphraseNew')}
          hint={t('settings.passphraseForgotten')}
          passphrase={next}
          autoFocus={task === 'set'}
        />
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
