import { ArrowDownToLine, RotateCw, X } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { type Attachment, engine } from '../../../engine/connection.ts';
import { useCommand } from '../../../engine/use-command.ts';

const CIRCLE = 2 * Math.PI * 15;

/** Loads a file that is not here, or shows how far it is and stops it; nothing once it is here. */
export function Transfer({ attachment, name }: { attachment: Attachment; name: string }) {
  const { t } = useTranslation();
  const attachmentId = attachment.id;
  const download = useCommand(() => engine.attachments.download.mutate({ attachmentId }));
  const cancel = useCommand(() => engine.attachments.cancel.mutate({ attachmentId }));
  const { state, progress } = attachment;
  if (state === 'here') return null;
  const moving = state === 'downloading' || state === 'uploading';
  const label = moving
    ? t(state === 'uploading' ? 'files.stopUpload' : 'files.stopDownload', { name })
    : t(state === 'lost' ? 'files.loadAgain' : 'files.load', { name });
  const icon = { 'aria-hidden': true, className: 'size-4', strokeWidth: 2 } as const;
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      onClick={() => (moving ? cancel : download).run(undefined)}
      className="relative grid size-9 shrink-0 place-items-center rounded-full bg-surface text-ink shadow-sheet transition active:scale-95"
    >
      {moving ? <X {...icon} /> : state === 'lost' ? <RotateCw {...icon} /> : <ArrowDownToLine {...icon} />}
      {moving && (
        <svg
          role="progressbar"
          aria-label={t(state === 'uploading' ? 'files.uploading' : 'files.downloading', { name })}
          aria-valuenow={progress === null ? undefined : Math.round(progress * 100)}
          viewBox="0 0 36 36"
          className={`absolute inset-0 -rotate-90 text-accent ${progress === null ? 'animate-spin' : ''}`}
        >
          <circle
            cx="18"
            cy="18"
            r="15"
            fill="none"
            stroke="currentColor"
            strokeWidth="2.5"
            strokeLinecap="round"
            strokeDasharray={`${CIRCLE * (progress ?? 0.25)} ${CIRCLE}`}
          />
        </svg>
      )}
    </button>
  );
}
