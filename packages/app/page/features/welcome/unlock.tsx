import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { engine } from '../../engine/connection.ts';
import { useCommand } from '../../engine/use-command.ts';
import { useReasonText } from '../../engine/use-reason-text.ts';
import { Button } from '../../parts/button.tsx';
import { Field } from '../../parts/field.tsx';
import { Stage } from '../../parts/stage.tsx';
import { useFocusOnMistake } from '../../parts/use-focus-on-mistake.ts';

/** Opens a profile that is locked with a passphrase. */
export function Unlock() {
  const { t } = useTranslation();
  const reasonText = useReasonText();
  const [passphrase, setPassphrase] = useState('');
  const unlock = useCommand(() => engine.account.unlock.mutate({ passphrase }));
  const form = useFocusOnMistake<HTMLFormElement>(unlock.reason);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    unlock.run(undefined);
  };
  return (
    <Stage title={t('unlock.title')} text={t('unlock.text')}>
      <form ref={form} onSubmit={submit} className="mt-4.5 grid gap-2.5">
        <Field
          label={t('unlock.passphrase')}
          type="password"
          value={passphrase}
          onChange={(event) => {
            setPassphrase(event.target.value);
            unlock.forget();
          }}
          autoFocus
          autoComplete="current-password"
          maxLength={1_000}
          problem={reasonText(unlock.reason)}
        />
        <Button type="submit" look="primary" disabled={unlock.running || passphrase === ''}>
          {t('unlock.submit')}
        </Button>
      </form>
      <details className="mt-4.5 text-soft">
        <summary className="cursor-pointer font-semibold">{t('unlock.forgotten')}</summary>
        <p className="mt-1.5">{t('unlock.forgottenText')}</p>
      </details>
    </Stage>
  );
}
