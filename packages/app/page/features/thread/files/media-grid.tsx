import { Film, ImageIcon, Play } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Attachment, Message } from '../../../engine/connection.ts';
import { useFileUrl } from '../../../engine/use-file-url.ts';
import { sizeOf } from '../../../parts/sizes.ts';
import { useThreadActions } from '../thread-actions.ts';
import { kindOf } from './attachment-kind.ts';
import { FirstFrame } from './first-frame.tsx';
import { singleBox } from './media-box.ts';
import { StoredPicture } from './stored-picture.tsx';
import { Transfer } from './transfer.tsx';
import { useFileName } from './use-file-name.ts';

/** Pictures and films side by side; a press shows one large. */
export function MediaGrid({ message, media }: { message: Message; media: readonly Attachment[] }) {
  const single = media.length === 1;
  return (
    <div className={`-mx-2 -mt-1 grid gap-1 overflow-hidden rounded-m ${single ? 'grid-cols-1' : 'grid-cols-2'}`}>
      {media.map((attachment, place) => (
        <Tile
          key={attachment.id}
          message={message}
          attachment={attachment}
          single={single}
          // One that is left over takes a row of its own.
          wide={!single && place === media.length - 1 && place % 2 === 0}
        />
      ))}
    </div>
  );
}

interface TileProps {
  readonly message: Message;
  readonly attachment: Attachment;
  readonly single: boolean;
  readonly wide: boolean;
}

function Tile({ message, attachment, single, wide }: TileProps) {
  const { t, i18n } = useTranslation();
  const { view } = useThreadActions();
  const name = useFileName()(attachment);
  const isFilm = kindOf(attachment) === 'film';
  const box = single ? singleBox(message) : null;
  const ratio = box === null ? (wide ? 2 : 1) : box.width / box.height;
  // A small picture is not blown up: it stands in the middle.
  const isSmall = box !== null && attachment.width !== null && attachment.width < box.width;
  const Icon = isFilm ? Film : ImageIcon;
  const shown = attachment.state === 'here' || attachment.state === 'uploading';
  return (
    <div
      className={`relative overflow-hidden bg-[color-mix(in_srgb,currentColor_10%,transparent)] ${wide ? 'col-span-2' : ''}`}
      style={{ aspectRatio: ratio }}
    >
      {shown ? (
        <button
          type="button"
          aria-label={t(isFilm ? 'files.openFilm' : 'files.openPicture', { name })}
          onClick={() => view(message, attachment)}
          className="block size-full focus-visible:-outline-offset-2"
        >
          {isFilm ? (
            <span className="grid size-full place-items-center *:col-start-1 *:row-start-1">
              <StoredFirstFrame attachment={attachment} />
              <span className="relative grid size-12 place-items-center rounded-full bg-surface text-ink shadow-sheet">
                <Play aria-hidden="true" className="size-5 fill-current" strokeWidth={1.75} />
              </span>
            </span>
          ) : (
            <StoredPicture
              attachment={attachment}
              alt=""
              className={`size-full ${isSmall ? 'object-scale-down' : 'object-cover'}`}
            />
          )}
        </button>
      ) : (
        <span className="grid size-full place-content-center justify-items-center gap-1.5 p-2 text-center text-s">
          <Transfer attachment={attachment} name={name} />
          <span className="flex items-center gap-1">
            <Icon aria-hidden="true" className="size-4" strokeWidth={1.75} />
            {attachment.state === 'lost' ? t('files.lost') : sizeOf(attachment.size, i18n.language)}
          </span>
        </span>
      )}
      {shown && (
        <span className="absolute right-2 bottom-2">
          <Transfer attachment={attachment} name={name} />
        </span>
      )}
    </div>
  );
}

/** How a film that is on this device begins; nothing if the file is none. */
function StoredFirstFrame({ attachment }: { attachment: Attachment }) {
  const file = useFileUrl(`attachments/${attachment.id}`);
  if (file === null || file === 'failed' || !file.type.startsWith('video/')) return null;
  return <FirstFrame url={file.url} className="size-full object-cover" />;
}
