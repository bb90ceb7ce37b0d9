import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { engine } from '../../engine/connection.ts';
import { useCommand } from '../../engine/use-command.ts';
import { useReasonText } from '../../engine/use-reason-text.ts';
import { Button } from '../../parts/button.tsx';
import { Field } from '../../parts/field.tsx';
import { Sheet } from '../../parts/sheet.tsx';

interface ExportSheetProps {
  readonly conversationId: string;
  readonly name: string;
  readonly onClose: () => void;
}

/** Writes one conversation as a page with its files, into a folder of this computer. */
export function ExportSheet({ conversationId, name, onClose }: ExportSheetProps) {
  const { t } = useTranslation();
  const reasonText = useReasonText();
  const id = conversationId;
  const suggested = useQuery({
    queryKey: ['export-place', id, name],
    queryFn: () => engine.conversations.exportPlace.query({ id, name }),
    gcTime: 0,
  }).data;
  const [typed, setTyped] = useState<string | null>(null);
  const folder = typed ?? suggested ?? '';
  const [page, setPage] = useState<string | null>(null);
  const [missing, setMissing] = useState(0);
  const write = useCommand(
    () => engine.conversations.export.mutate({ id, folder: folder.trim() }),
    (report) => {
      setPage(report.page);
      setMissing(report.missingFiles);
    },
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    write.run(undefined);
  };
  return (
    <Sheet title={t('export.title')} onClose={onClose}>
      {page === null ? (
        <form onSubmit={submit} className="grid gap-3">
          <p className="text-soft">{t('export.text')}</p>
          <p className="rounded-m bg-warn-soft px-3.5 py-2.5 text-ms text-warn">{t('export.warning')}</p>
          <Field
            label={t('export.folder')}
            hint={t('export.folderHint')}
            value={folder}
            onChange={(event) => {
              setTyped(event.target.value);
              write.forget();
            }}
            autoComplete="off"
            spellCheck={false}
            maxLength={2_000}
            problem={
              write.reason === 'bad-setting' || write.reason === 'not-allowed'
                ? t('export.badFolder')
                : reasonText(write.reason)
            }
          />
          <Button type="submit" look="primary" disabled={write.running || folder.trim() === ''}>
            {t(write.running ? 'export.running' : 'export.write')}
          </Button>
        </form>
      ) : (
        <div className="grid gap-3">
          <p role="status" className="text-soft">
            {t('export.done')} {missing > 0 && t('export.missing', { count: missing })}
          </p>
          <p className="rounded-s border border-line bg-sunk px-2.5 py-2 font-mono text-s text-soft select-all wrap-anywhere">
            {page}
          </p>
          <Button autoFocus onClick={onClose}>
            {t('common.close')}
          </Button>
        </div>
      )}
    </Sheet>
  );
}
