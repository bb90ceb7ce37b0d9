import { ChevronLeft, ChevronRight, Download, X, ZoomIn, ZoomOut } from 'lucide-react';
import { Dialog } from 'radix-ui';
import { type KeyboardEvent, type PointerEvent, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Attachment, Message } from '../../../engine/connection.ts';
import { useCommand } from '../../../engine/use-command.ts';
import { useFileUrl } from '../../../engine/use-file-url.ts';
import { useReturnFocus } from '../../../parts/return-focus.ts';
import { kindOf } from './attachment-kind.ts';
import { saveFile } from './save-file.ts';
import { StoredPicture } from './stored-picture.tsx';
import { useFileName } from './use-file-name.ts';

/** A picture or film of the thread, and the message it belongs to. */
interface Viewed {
  readonly message: Message;
  readonly attachment: Attachment;
}

interface ViewerProps {
  /** Oldest first; their pictures and films that are here can be looked at. */
  readonly messages: readonly Message[];
  readonly firstId: string;
  readonly onClose: () => void;
}

const CLOSEST = 6;

/** Pictures and films over the whole window: arrows lead on, + and − zoom, dragging moves. */
export function Viewer({ messages, firstId, onClose }: ViewerProps) {
  const { t } = useTranslation();
  const returnFocus = useReturnFocus();
  const [id, setId] = useState(firstId);
  const [zoom, setZoom] = useState(1);
  const [moved, setMoved] = useState({ x: 0, y: 0 });
  const drag = useRef<{ x: number; y: number } | null>(null);
  const nameOf = useFileName();
  const media = mediaOf(messages);
  const at = media.findIndex(({ attachment }) => attachment.id === id);
  const viewed = media[at];
  const save = useCommand(() => (viewed ? saveFile(viewed.message, viewed.attachment) : Promise.resolve()));
  if (viewed === undefined) return null;
  const go = (step: number) => {
    const next = media[at + step];
    if (next === undefined) return;
    setId(next.attachment.id);
    scale(1);
    save.forget();
  };
  const scale = (to: number) => {
    const next = Math.min(CLOSEST, Math.max(1, to));
    setZoom(next);
    if (next === 1) setMoved({ x: 0, y: 0 });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target instanceof HTMLVideoElement) return;
    if (event.key === 'ArrowLeft') go(-1);
    if (event.key === 'ArrowRight') go(1);
    if (event.key === '+' || event.key === '=') scale(zoom * 1.5);
    if (event.key === '-') scale(zoom / 1.5);
  };
  const onPointerMove = ({ clientX, clientY }: PointerEvent) => {
    const from = drag.current;
    if (from === null || zoom === 1) return;
    setMoved((sofar) => ({ x: sofar.x + clientX - from.x, y: sofar.y + clientY - from.y }));
    drag.current = { x: clientX, y: clientY };
  };
  const isFilm = kindOf(viewed.attachment) === 'film';
  const name = nameOf(viewed.attachment);
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Content
          aria-describedby={undefined}
          onKeyDown={onKeyDown}
          onCloseAutoFocus={returnFocus}
          className="fade fixed inset-0 z-40 grid grid-rows-[auto_minmax(0,1fr)] bg-[#101214] text-[#eceef0] outline-none"
        >
          <div className="flex items-center gap-1 px-3 py-2">
            <Dialog.Title className="min-w-0 flex-1 truncate text-m font-semibold">{name}</Dialog.Title>
            {save.reason !== null && <p role="alert">{t('files.saveFailed')}</p>}
            {!isFilm && (
              <>
                <Tool label={t('files.zoomOut')} disabled={zoom === 1} onClick={() => scale(zoom / 1.5)}>
                  <ZoomOut {...ICON} />
                </Tool>
                <Tool label={t('files.zoomIn')} disabled={zoom === CLOSEST} onClick={() => scale(zoom * 1.5)}>
                  <ZoomIn {...ICON} />
                </Tool>
              </>
            )}
            <Tool label={t('files.save', { name })} disabled={save.running} onClick={() => save.run(undefined)}>
              <Download {...ICON} />
            </Tool>
            <Dialog.Close asChild>
              <Tool label={t('common.close')}>
                <X {...ICON} />
              </Tool>
            </Dialog.Close>
          </div>
          {/* biome-ignore lint/a11y/noStaticElementInteractions: buttons and keys do the same */}
          <div
            className={`relative min-h-0 overflow-hidden ${zoom > 1 ? 'cursor-grab touch-none active:cursor-grabbing' : ''}`}
            onWheel={({ deltaY }) => !isFilm && scale(zoom * (deltaY < 0 ? 1.15 : 1 / 1.15))}
            onDoubleClick={() => !isFilm && scale(zoom === 1 ? 2 : 1)}
            onPointerDown={({ clientX: x, clientY: y }) => {
              drag.current = { x, y };
            }}
            onPointerMove={onPointerMove}
            onPointerUp={() => {
              drag.current = null;
            }}
            onPointerLeave={() => {
              drag.current = null;
            }}
          >
            {isFilm ? (
              <FilmPlayer key={id} attachment={viewed.attachment} />
            ) : (
              <div className="size-full" style={{ transform: `translate(${moved.x}px, ${moved.y}px) scale(${zoom})` }}>
                <StoredPicture
                  key={id}
                  attachment={viewed.attachment}
                  alt={name}
                  className="size-full bg-transparent object-scale-down"
                />
              </div>
            )}
            {at > 0 && (
              <Tool label={t('files.previous')} className="absolute top-1/2 left-2" onClick={() => go(-1)}>
                <ChevronLeft {...ICON} />
              </Tool>
            )}
            {at < media.length - 1 && (
              <Tool label={t('files.next')} className="absolute top-1/2 right-2" onClick={() => go(1)}>
                <ChevronRight {...ICON} />
              </Tool>
            )}
          </div>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

const ICON = { 'aria-hidden': true, className: 'size-5', strokeWidth: 1.75 } as const;

function Tool({ label, className = '', ...rest }: { label: string } & React.ButtonHTMLAttributes<HTMLButtonElement>) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      className={`grid size-10 shrink-0 place-items-center rounded-m bg-[#101214cc] hover:bg-[#2a2e36] disabled:cursor-default disabled:opacity-40 ${className}`}
      {...rest}
    />
  );
}

function FilmPlayer({ attachment }: { attachment: Attachment }) {
  const { t } = useTranslation();
  const file = useFileUrl(`attachments/${attachment.id}`);
  if (file === null) return null;
  if (file === 'failed' || !file.type.startsWith('video/'))
    return <p className="p-6 text-center">{t('files.notAFilm')}</p>;
  return (
    // biome-ignore lint/a11y/useMediaCaption: what people send each other has no captions
    <video src={file.url} controls disablePictureInPicture className="size-full object-contain" />
  );
}

function mediaOf(messages: readonly Message[]): readonly Viewed[] {
  return messages.flatMap((message) =>
    message.attachments
      .filter((attachment) => attachment.state === 'here' || attachment.state === 'uploading')
      .filter((attachment) => ['picture', 'film'].includes(kindOf(attachment)))
      .map((attachment) => ({ message, attachment })),
  );
}
