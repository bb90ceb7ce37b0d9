import { Globe, X } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Button, IconButton } from '../../../parts/button.tsx';
import { withoutTurns } from '../../../parts/directions.ts';
import type { usePreview } from './use-preview.ts';

interface LinkPreviewOfferProps {
  readonly preview: ReturnType<typeof usePreview>;
  /** One goes on writing. */
  readonly onAnswered: () => void;
}

/** Asks before a site is visited for a preview, and shows what came of it. */
export function LinkPreviewOffer({ preview, onAnswered }: LinkPreviewOfferProps) {
  const { t } = useTranslation();
  const { link, made, running, nothing } = preview;
  if (link === null) return null;
  const host = new URL(link).host;
  const then = (act: () => void) => () => {
    act();
    onAnswered();
  };
  return (
    <div className="mb-2 flex items-center gap-2.5 rounded-m border border-line bg-sunk py-1.5 ps-3 pe-1 text-ms">
      <Globe aria-hidden="true" className="size-4 shrink-0 text-faint" strokeWidth={1.75} />
      <p className="min-w-0 flex-1" role="status">
        {made !== null ? (
          <>
            <bdi className="block truncate font-semibold">{withoutTurns(made.title ?? host)}</bdi>
            <span className="block truncate text-soft">
              {host}
              {made.image !== null && ` · ${t('composer.previewPicture')}`}
            </span>
          </>
        ) : nothing ? (
          t('composer.previewNothing', { host })
        ) : (
          t('composer.previewAsk', { host })
        )}
      </p>
      {made === null && !nothing && (
        <Button small disabled={running} onClick={then(preview.make)}>
          {t('composer.previewMake')}
        </Button>
      )}
      <IconButton label={t('composer.previewRemove')} onClick={then(preview.dismiss)}>
        <X className="size-4" strokeWidth={1.75} />
      </IconButton>
    </div>
  );
}
