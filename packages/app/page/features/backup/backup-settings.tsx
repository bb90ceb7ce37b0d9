import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { fetchBackup } from '../../engine/files.ts';
import { useCommand } from '../../engine/use-command.ts';
import { useReasonText } from '../../engine/use-reason-text.ts';
import { Button } from '../../parts/button.tsx';
import { Field } from '../../parts/field.tsx';
import { saveBlob } from '../../parts/save-blob.ts';

const LEAST_LENGTH = 8;

/** Makes a backup of this profile: one file, sealed with a passphrase of its own. */
export function BackupSettings() {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const [saved, setSaved] = useState(false);
  return (
    <>
      <p className="text-soft">{t('backup.text')}</p>
      {open ? (
        <BackupForm
          onSaved={() => {
            setOpen(false);
            setSaved(true);
          }}
          onClose={() => setOpen(false)}
        />
      ) : (
        <Button
          small
          className="mt-3"
          onClick={() => {
            setOpen(true);
            setSaved(false);
          }}
        >
          {t('backup.make')}
        </Button>
      )}
      <p role="status" className="mt-2 text-ms text-soft empty:hidden">
        {saved && t('backup.saved')}
      </p>
    </>
  );
}

function BackupForm({ onSaved, onClose }: { onSaved: () => void; onClose: () => void }) {
  const { t } = useTranslation();
  const reasonText = useReasonText();
  const [passphrase, setPassphrase] = useState('');
  const [again, setAgain] = useState('');
  const [problem, setProblem] = useState<'passphraseShort' | 'passphraseDiffer' | null>(null);
  const make = useCommand(async () => {
    const day = new Date().toISOString().slice(0, 10);
    saveBlob(await fetchBackup(passphrase), `sotto-${day}.backup`);
  }, onSaved);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const found =
      passphrase.length < LEAST_LENGTH ? 'passphraseShort' : passphrase === again ? null : 'passphraseDiffer';
    setProblem(found);
    if (found === null) make.run(undefined);
  };
  const forget = () => {
    setProblem(null);
    make.forget();
  };
  return (
    <form onSubmit={submit} className="mt-3 grid gap-3">
      <Field
        label={t('backup.passphrase')}
        hint={t('backup.passphraseHint')}
        type="password"
        autoComplete="new-password"
        autoFocus
        value={passphrase}
        maxLength={1_000}
        onChange={(event) => {
          setPassphrase(event.target.value);
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
      <p role="alert" className="text-ms text-danger empty:hidden">
        {reasonText(make.reason)}
      </p>
      <div className="flex flex-wrap items-center gap-2">
        <Button type="submit" small look="primary" disabled={make.running}>
          {t(make.running ? 'backup.making' : 'backup.save')}
        </Button>
        <Button small disabled={make.running} onClick={onClose}>
          {t('common.cancel')}
        </Button>
      </div>
    </form>
  );
}
