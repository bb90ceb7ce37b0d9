import { FileUp } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Settings } from '../../engine/connection.ts';
import { restoreBackup } from '../../engine/files.ts';
import { useCommand } from '../../engine/use-command.ts';
import { useReasonText } from '../../engine/use-reason-text.ts';
import { Button } from '../../parts/button.tsx';
import { Field } from '../../parts/field.tsx';
import { FileButton } from '../../parts/file-button.tsx';
import { sizeOf } from '../../parts/sizes.ts';
import { Stage } from '../../parts/stage.tsx';
import { useFocusOnMistake } from '../../parts/use-focus-on-mistake.ts';
import { type FirstWay, ProxyChoice } from '../proxy/proxy-choice.tsx';

interface RestoreBackupProps {
  readonly way: FirstWay;
  readonly onBack: () => void;
}

/** Brings everything back from a backup file: messages and files, too. */
export function RestoreBackup({ way, onBack }: RestoreBackupProps) {
  const { t, i18n } = useTranslation();
  const reasonText = useReasonText();
  const [file, setFile] = useState<File | null>(null);
  const [passphrase, setPassphrase] = useState('');
  const restore = useCommand(({ chosen, proxy }: { readonly chosen: File; readonly proxy: Settings['proxy'] }) =>
    restoreBackup(chosen, passphrase, proxy),
  );
  const wrong = restore.reason === 'wrong-passphrase';
  const problem = restore.reason === 'bad-network' ? t('restoreBackup.otherNetwork') : reasonText(restore.reason);
  const form = useFocusOnMistake<HTMLFormElement>(restore.reason);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (file !== null) way.take((proxy) => restore.run({ chosen: file, proxy }));
  };
  return (
    <Stage title={t('restoreBackup.title')} text={t('restoreBackup.text')}>
      <form ref={form} onSubmit={submit} className="mt-4.5 grid gap-3">
        <div className="flex flex-wrap items-center gap-3">
          <FileButton
            accept=".backup"
            disabled={restore.running}
            onFile={(chosen) => {
              setFile(chosen);
              restore.forget();
            }}
          >
            <FileUp aria-hidden="true" className="size-4" strokeWidth={1.75} />
            {t('restoreBackup.choose')}
          </FileButton>
          <p role="status" className="min-w-0 text-ms text-soft wrap-anywhere">
            {file === null ? t('restoreBackup.none') : `${file.name} · ${sizeOf(file.size, i18n.language)}`}
          </p>
        </div>
        <Field
          label={t('restoreBackup.passphrase')}
          type="password"
          autoComplete="off"
          value={passphrase}
          maxLength={1_000}
          onChange={(event) => {
            setPassphrase(event.target.value);
            restore.forget();
          }}
          problem={wrong ? t('restoreBackup.wrong') : undefined}
        />
        <ProxyChoice way={way} />
        <p role="alert" className="text-ms text-danger empty:hidden">
          {!wrong && problem}
        </p>
        <div className="grid gap-2.5">
          <Button type="submit" look="primary" disabled={file === null || passphrase === '' || restore.running}>
            {t(restore.running ? 'restoreBackup.running' : 'restoreBackup.submit')}
          </Button>
          <Button onClick={onBack} disabled={restore.running}>
            {t('common.back')}
          </Button>
        </div>
      </form>
    </Stage>
  );
}
