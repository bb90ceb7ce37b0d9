import { Download, FileText, FileWarning } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Attachment, Message } from '../../../engine/connection.ts';
import { useCommand } from '../../../engine/use-command.ts';
import { IconButton } from '../../../parts/button.tsx';
import { sizeOf } from '../../../parts/sizes.ts';
import { honestName } from './file-name.ts';
import { saveFile } from './save-file.ts';
import { Transfer } from './transfer.tsx';
import { useFileName } from './use-file-name.ts';

/** A file with its true name and size, to be loaded and saved; never opened here. */
export function FileCard({ message, attachment }: { message: Message; attachment: Attachment }) {
  const { t, i18n } = useTranslation();
  const plain = useFileName()(attachment);
  const { stem, extension, runs, misleading } = honestName(attachment.fileName ?? plain);
  const save = useCommand(() => saveFile(message, attachment));
  // Who chose a file knows what it is.
  const warned = message.direction === 'in' && (runs || misleading);
  const Icon = warned ? FileWarning : FileText;
  return (
    <div className="flex w-72 max-w-full items-center gap-2.5">
      <span className="grid size-10 shrink-0 place-items-center rounded-m bg-[color-mix(in_srgb,currentColor_12%,transparent)]">
        <Icon aria-hidden="true" className="size-5" strokeWidth={1.75} />
      </span>
      <div className="min-w-0 flex-1">
        {/* The end of the name says what it is, so that part is never cut off. */}
        <p dir="ltr" className="flex font-[550]" title={plain}>
          <bdi className="min-w-0 truncate">{stem}</bdi>
          <span className={`shrink-0 ${warned ? 'font-bold' : ''}`}>{extension}</span>
        </p>
        <p className="text-s opacity-90">
          {attachment.state === 'lost' ? t('files.lost') : sizeOf(attachment.size, i18n.language)}
          {warned && runs && <b className="block font-semibold">{t('files.runs')}</b>}
          {warned && misleading && (
            <b className="block font-semibold">{t('files.misleading', { extension: extension || '–' })}</b>
          )}
        </p>
        {save.reason !== null && <p role="alert">{t('files.saveFailed')}</p>}
      </div>
      {attachment.state === 'here' ? (
        <IconButton
          label={t('files.save', { name: plain })}
          onClick={() => save.run(undefined)}
          disabled={save.running}
          className="text-current!"
        >
          <Download className="size-5" strokeWidth={1.75} />
        </IconButton>
      ) : (
        <Transfer attachment={attachment} name={plain} />
      )}
    </div>
  );
}
