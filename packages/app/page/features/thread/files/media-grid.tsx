import { Film, ImageIcon, Play } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Attachment, Message } from '../../../engine/connection.ts';
import { sizeOf } from '../../../parts/sizes.ts';
import { useThreadActions } from '../thread-actions.ts';
import { kindOf } from './attachment-kind.ts';
import { StoredPicture } from './stored-picture.tsx';
import { Transfer } from './transfer.tsx';
import { useFileName } from './use-file-name.ts';

/** A single picture is as wide as this, in px, unless it is smaller or very high. */
const WIDTH = 280;
const HIGHEST = 320;

/** Pictures and films side by side; a press shows one large. */
export function MediaGrid({ message, media }: { message: Message; media: readonly Attachment[] }) {
  const single = media.length === 1;
  return (
    <div
      className={`-mx-2 -mt-1 grid max-w-[calc(100%+16px)] gap-1 overflow-hidden rounded-m ${single ? 'w-fit' : 'w-72 grid-cols-2'}`}
    >
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
  const box = single ? boxOf(attachment) : { width: '100%', aspectRatio: wide ? '2' : '1' };
  const Icon = isFilm ? Film : ImageIcon;
  const shown = attachment.state === 'here' || attachment.state === 'uploading';
  return (
    <div
      className={`relative max-w-full overflow-hidden bg-[color-mix(in_srgb,currentColor_10%,transparent)] ${wide ? 'col-span-2' : ''}`}
      style={box}
    >
      {shown ? (
        <button
          type="button"
          aria-label={t(isFilm ? 'files.openFilm' : 'files.openPicture', { name })}
          onClick={() => view(message, attachment)}
          className="block size-full focus-visible:-outline-offset-2"
        >
          {isFilm ? (
            <span className="grid size-full place-items-center">
              <span className="grid size-12 place-items-center rounded-full bg-surface text-ink shadow-sheet">
                <Play aria-hidden="true" className="size-5 fill-current" strokeWidth={1.75} />
              </span>
            </span>
          ) : (
            <StoredPicture attachment={attachment} alt="" className="size-full object-cover" />
          )}
        </button>
      ) : (
        <span className="grid size-full place-content-center justify-items-center gap-1.5 p-2 text-center text-s">
          <Icon aria-hidden="true" className="size-5" strokeWidth={1.75} />
          {attachment.state === 'lost' ? t('files.lost') : sizeOf(attachment.size, i18n.language)}
        </span>
      )}
      <span className="absolute right-2 bottom-2">
        <Transfer attachment={attachment} name={name} />
      </span>
    </div>
  );
}

function boxOf({ width, height }: Attachment) {
  const ratio = Math.min(3, Math.max(0.4, (width ?? 4) / (height ?? 3)));
  const shown = Math.min(WIDTH, width === null ? WIDTH : Math.max(width, 120), HIGHEST * ratio);
  return { width: `${Math.round(shown)}px`, aspectRatio: String(ratio) };
}
