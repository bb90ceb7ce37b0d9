import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { readQr } from './read-qr.ts';

const LOOK_EVERY_MS = 200;

interface QrCameraProps {
  readonly onRead: (text: string) => void;
  readonly onFailed: () => void;
}

/** Looks through the camera for a QR code; the camera is off as soon as this leaves the page. */
export function QrCamera({ onRead, onFailed }: QrCameraProps) {
  const { t } = useTranslation();
  const video = useRef<HTMLVideoElement>(null);
  const handlers = useRef({ onRead, onFailed });
  handlers.current = { onRead, onFailed };
  useEffect(() => {
    const stopping = new AbortController();
    watch(video.current!, stopping.signal).then(
      (text) => text !== null && handlers.current.onRead(text),
      () => stopping.signal.aborted || handlers.current.onFailed(),
    );
    return () => stopping.abort();
  }, []);
  return (
    <div>
      <video
        ref={video}
        muted
        playsInline
        className="aspect-[4/3] w-full rounded-m border border-line bg-sunk object-cover"
      />
      <p className="mt-1.5 text-center text-ms text-soft">{t('qr.scanHint')}</p>
    </div>
  );
}

/** The first QR code that the camera sees, `null` if the signal aborts before. */
async function watch(video: HTMLVideoElement, signal: AbortSignal): Promise<string | null> {
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } });
  const stop = () => {
    for (const track of stream.getTracks()) track.stop();
  };
  signal.addEventListener('abort', stop, { once: true });
  try {
    video.srcObject = stream;
    await video.play();
    while (!signal.aborted) {
      const text = await readQr(video, video.videoWidth, video.videoHeight);
      if (text !== null) return text;
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
    return null;
  } finally {
    stop();
  }
}
