import { Minus, Plus } from 'lucide-react';
import { type KeyboardEvent, type PointerEvent, useEffect, useId, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { setOwnPicture } from '../../../engine/files.ts';
import { useCommand } from '../../../engine/use-command.ts';
import { useReasonText } from '../../../engine/use-reason-text.ts';
import { Button, IconButton } from '../../../parts/button.tsx';
import { Sheet } from '../../../parts/sheet.tsx';
import { type Crop, MOST_SIDE, MOST_ZOOM, moved, sideOf, wholeCrop, zoomed } from './crop.ts';

/** Pixels a side of what is drawn while one chooses. */
const VIEW = 560;
const STEP = 0.05;
const MOVES: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-STEP, 0],
  ArrowRight: [STEP, 0],
  ArrowUp: [0, -STEP],
  ArrowDown: [0, STEP],
};

interface PictureCropProps {
  readonly image: ImageBitmap;
  readonly onClose: () => void;
}

/** Chooses the square of an image that others see: by dragging, pinching, with sliders or keys. */
export function PictureCrop({ image, onClose }: PictureCropProps) {
  const { t } = useTranslation();
  const reasonText = useReasonText();
  const zoomId = useId();
  const [crop, setCrop] = useState(() => wholeCrop(image));
  const drag = useDrag((right, down, factor) =>
    setCrop((now) => moved(image, zoomed(image, now, now.zoom * factor), right, down)),
  );
  const save = useCommand(async () => setOwnPicture(await pictureOf(image, crop)), onClose);
  const zoomTo = (zoom: number) => setCrop(zoomed(image, crop, zoom));
  const onKeyDown = (event: KeyboardEvent) => {
    const move = MOVES[event.key];
    const zoom = event.key === '+' || event.key === '=' ? 1.1 : event.key === '-' ? 1 / 1.1 : null;
    if (move === undefined && zoom === null) return;
    event.preventDefault();
    if (move !== undefined) setCrop(moved(image, crop, ...move));
    if (zoom !== null) zoomTo(crop.zoom * zoom);
  };
  return (
    <Sheet title={t('picture.title')} onClose={onClose}>
      <div className="grid gap-4">
        <p className="text-soft">{t('picture.text')}</p>
        <button
          type="button"
          aria-label={t('picture.move')}
          onKeyDown={onKeyDown}
          onWheel={(event) => zoomTo(crop.zoom * (event.deltaY < 0 ? 1.06 : 1 / 1.06))}
          {...drag}
          className="relative mx-auto w-[min(280px,100%)] cursor-grab touch-none overflow-hidden rounded-l border border-line active:cursor-grabbing"
        >
          <View image={image} crop={crop} />
          <span
            aria-hidden="true"
            className="pointer-events-none absolute inset-0 rounded-full shadow-[0_0_0_999px_rgb(20_20_16/.45)] ring-2 ring-[#ffffff]"
          />
        </button>
        <div className="flex items-center gap-2">
          <IconButton label={t('picture.zoomOut')} disabled={crop.zoom <= 1} onClick={() => zoomTo(crop.zoom / 1.2)}>
            <Minus className="size-4" strokeWidth={1.75} />
          </IconButton>
          <label htmlFor={zoomId} className="sr-only">
            {t('picture.zoom')}
          </label>
          <input
            id={zoomId}
            type="range"
            min={1}
            max={MOST_ZOOM}
            step={0.01}
            value={crop.zoom}
            onChange={(event) => zoomTo(Number(event.target.value))}
            className="min-w-0 flex-1 accent-[var(--accent)]"
          />
          <IconButton
            label={t('picture.zoomIn')}
            disabled={crop.zoom >= MOST_ZOOM}
            onClick={() => zoomTo(crop.zoom * 1.2)}
          >
            <Plus className="size-4" strokeWidth={1.75} />
          </IconButton>
        </div>
        <p role="alert" className="text-ms text-danger empty:hidden">
          {reasonText(save.reason)}
        </p>
        <div className="grid gap-2.5">
          <Button look="primary" disabled={save.running} onClick={() => save.run(undefined)}>
            {t('picture.use')}
          </Button>
          <Button disabled={save.running} onClick={onClose}>
            {t('common.cancel')}
          </Button>
        </div>
      </div>
    </Sheet>
  );
}

function View({ image, crop }: { image: ImageBitmap; crop: Crop }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => draw(canvas.current!, image, crop, VIEW), [image, crop]);
  return <canvas ref={canvas} width={VIEW} height={VIEW} className="block aspect-square w-full" />;
}

/** Follows one pointer as a move, two as a pinch. `on` gets parts of the element's side and a factor of zoom. */
function useDrag(on: (right: number, down: number, factor: number) => void) {
  const pointers = useRef(new Map<number, { x: number; y: number }>());
  const end = ({ pointerId }: PointerEvent) => void pointers.current.delete(pointerId);
  return {
    onPointerDown: (event: PointerEvent) => {
      event.currentTarget.setPointerCapture(event.pointerId);
      pointers.current.set(event.pointerId, { x: event.clientX, y: event.clientY });
    },
    onPointerMove: (event: PointerEvent) => {
      const before = pointers.current.get(event.pointerId);
      if (before === undefined) return;
      const other = [...pointers.current].find(([id]) => id !== event.pointerId)?.[1];
      const now = { x: event.clientX, y: event.clientY };
      pointers.current.set(event.pointerId, now);
      const side = event.currentTarget.clientWidth;
      const share = other === undefined ? 1 : 0.5;
      const factor = other === undefined ? 1 : distance(now, other) / Math.max(1, distance(before, other));
      on(((before.x - now.x) / side) * share, ((before.y - now.y) / side) * share, factor);
    },
    onPointerUp: end,
    onPointerCancel: end,
  };
}

function distance(a: { x: number; y: number }, b: { x: number; y: number }): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}

/** Drawing anew leaves behind whatever else the file said, such as where it was taken. */
async function pictureOf(image: ImageBitmap, crop: Crop): Promise<Blob> {
  const canvas = document.createElement('canvas');
  const side = Math.max(1, Math.min(MOST_SIDE, Math.round(sideOf(image, crop))));
  canvas.width = side;
  canvas.height = side;
  draw(canvas, image, crop, side);
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/jpeg', 0.87));
  if (blob === null) throw new Error('the picture could not be drawn');
  return blob;
}

function draw(canvas: HTMLCanvasElement, image: ImageBitmap, crop: Crop, size: number): void {
  const context = canvas.getContext('2d');
  if (context === null) return;
  const side = sideOf(image, crop);
  // A picture has no see-through parts.
  context.fillStyle = '#fff';
  context.fillRect(0, 0, size, size);
  context.imageSmoothingQuality = 'high';
  context.drawImage(image, crop.x - side / 2, crop.y - side / 2, side, side, 0, 0, size, size);
}
