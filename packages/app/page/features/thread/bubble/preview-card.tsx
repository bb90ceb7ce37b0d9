import { useTranslation } from 'react-i18next';
import type { Message } from '../../../engine/connection.ts';
import { withoutTurns } from '../../../parts/directions.ts';
import { StoredPicture } from '../files/stored-picture.tsx';

/** What the sender says a link leads to; it opens where the link does. */
export function PreviewCard({ preview }: { preview: NonNullable<Message['preview']> }) {
  const { t } = useTranslation();
  if (!URL.canParse(preview.url) || !/^https?:$/.test(new URL(preview.url).protocol)) return null;
  return (
    <a
      href={preview.url}
      target="_blank"
      rel="noopener noreferrer"
      className="mb-1.5 block overflow-hidden rounded-s bg-[color-mix(in_srgb,currentColor_9%,transparent)]"
    >
      {preview.image?.state === 'here' && (
        <StoredPicture attachment={preview.image} alt="" className="max-h-40 w-full object-cover" />
      )}
      <span className="block px-2.5 py-1.5 text-ms">
        {preview.title !== null && <bdi className="line-clamp-2 font-semibold">{withoutTurns(preview.title)}</bdi>}
        <span className="block truncate opacity-90">
          {t('thread.previewHost', { host: new URL(preview.url).host })}
        </span>
      </span>
    </a>
  );
}
