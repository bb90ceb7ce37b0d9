import { ImageOff } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Attachment } from '../../../engine/connection.ts';
import { useFileUrl } from '../../../engine/use-file-url.ts';

interface StoredPictureProps {
  readonly attachment: Attachment;
  readonly alt: string;
  readonly className: string;
}

/** A picture that is on this device; says so if the file is no picture. */
export function StoredPicture({ attachment, alt, className }: StoredPictureProps) {
  const { t } = useTranslation();
  const file = useFileUrl(`attachments/${attachment.id}`);
  if (file === null) return <span className={`block bg-sunk ${className}`} />;
  if (file === 'failed' || !file.type.startsWith('image/')) {
    return (
      <span
        className={`grid place-content-center justify-items-center gap-1 bg-sunk p-3 text-center text-s text-soft ${className}`}
      >
        <ImageOff aria-hidden="true" className="size-5" strokeWidth={1.75} />
        {t('files.notAPicture')}
      </span>
    );
  }
  return <img src={file.url} alt={alt} draggable={false} className={className} />;
}
