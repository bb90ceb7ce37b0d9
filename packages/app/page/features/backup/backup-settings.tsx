import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { fetchBackup } from '../../engine/files.ts';
import { useCommand } from '../../engine/use-command.ts';
import { useReasonText } from '../../engine/use-reason-text.ts';
import { Button } from '../../parts/button.tsx';
import { NewPassphraseFields, useNewPassphrase } from '../../parts/new-passphrase-fields.tsx';
import { saveBlob } from '../../parts/save-blob.ts';

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
  const make = useCommand(async (chosen: string) => {
    const day = new Date().toISOString().slice(0, 10);
    saveBlob(await fetchBackup(chosen), `sotto-${day}.backup`);
  }, onSaved);
  const passphrase = useNewPassphrase(make.forget);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    passphrase.take(make.run);
  };
  return (
    <form onSubmit={submit} className="mt-3 grid gap-3">
      <NewPassphraseFields
        label={t('backup.passphrase')}
        hint={t('backup.passphraseHint')}
        passphrase={passphrase}
        autoFocus
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
