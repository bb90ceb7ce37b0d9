/** The square part of an image that becomes a picture: its middle in pixels of the image, and how far one is in. */
export interface Crop {
  readonly x: number;
  readonly y: number;
  /** 1: as much as fits, up to {@link MOST_ZOOM}. */
  readonly zoom: number;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

export const MOST_ZOOM = 6;
/** Pixels a side of a picture that others get (messages §5.7). */
export const MOST_SIDE = 600;

/** The middle, as much as fits. */
export function wholeCrop({ width, height }: Size): Crop {
  return { x: width / 2, y: height / 2, zoom: 1 };
}

/** Pixels a side of the part that is taken. */
export function sideOf({ width, height }: Size, { zoom }: Crop): number {
  return Math.min(width, height) / zoom;
}

/** The nearest crop that lies wholly in the image. */
function inside(size: Size, crop: Crop): Crop {
  const zoom = between(crop.zoom, 1, MOST_ZOOM);
  const half = sideOf(size, { ...crop, zoom }) / 2;
  return { zoom, x: between(crop.x, half, size.width - half), y: between(crop.y, half, size.height - half) };
}

/** Moves what is seen by parts of the window's side: positive `right` shows what lies further right. */
export function moved(size: Size, crop: Crop, right: number, down: number): Crop {
  const side = sideOf(size, crop);
  return inside(size, { ...crop, x: crop.x + right * side, y: crop.y + down * side });
}

export function zoomed(size: Size, crop: Crop, zoom: number): Crop {
  return inside(size, { ...crop, zoom });
}

function between(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), Math.max(least, most));
}
