const MOST_PIXELS_A_SIDE = 1_600;

/** The text of a QR code in what a canvas can draw, `null` if there is none. */
export async function readQr(source: CanvasImageSource, width: number, height: number): Promise<string | null> {
  // Loaded with the first scan: most people never scan here.
  const { default: jsqr } = await import('jsqr');
  const scale = Math.min(1, MOST_PIXELS_A_SIDE / Math.max(width, height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (context === null) return null;
  // A transparent image would read as black on black.
  context.fillStyle = '#fff';
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(source, 0, 0, canvas.width, canvas.height);
  const pixels = context.getImageData(0, 0, canvas.width, canvas.height);
  return jsqr(pixels.data, pixels.width, pixels.height)?.data ?? null;
}

/** The text of a QR code in an image file, `null` if it has none or is no image. */
export async function readQrImage(file: File): Promise<string | null> {
  try {
    const image = await createImageBitmap(file);
    const text = await readQr(image, image.width, image.height);
    image.close();
    return text;
  } catch {
    return null;
  }
}
