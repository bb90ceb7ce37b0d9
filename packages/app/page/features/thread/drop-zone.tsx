import { type DragEvent, type ReactNode, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

interface DropZoneProps {
  readonly enabled: boolean;
  readonly onFiles: (files: readonly File[]) => void;
  readonly className: string;
  readonly children: ReactNode;
}

/** Takes files that are dragged onto the conversation. */
export function DropZone({ enabled, onFiles, className, children }: DropZoneProps) {
  const { t } = useTranslation();
  const [over, setOver] = useState(false);
  // Entering a part of it comes before leaving another.
  const depth = useRef(0);
  const enter = (step: number) => {
    depth.current = Math.max(0, depth.current + step);
    setOver(depth.current > 0);
  };
  const ifFiles = (act: (event: DragEvent) => void) => (event: DragEvent) => {
    if (!event.dataTransfer.types.includes('Files')) return;
    // Without this the browser would leave the page for the file.
    event.preventDefault();
    act(event);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the button beside the composer does the same
    <div
      className={`relative ${className}`}
      onDragEnter={ifFiles(() => enter(1))}
      onDragOver={ifFiles(() => {})}
      onDragLeave={ifFiles(() => enter(-1))}
      onDrop={ifFiles((event) => {
        depth.current = 0;
        setOver(false);
        if (enabled) onFiles([...event.dataTransfer.files]);
      })}
    >
      {children}
      {over && enabled && (
        <div className="fade pointer-events-none absolute inset-2 z-20 grid place-items-center rounded-l border-2 border-dashed border-accent bg-[color-mix(in_srgb,var(--accent-soft)_88%,transparent)] text-l font-semibold text-accent">
          {t('composer.drop')}
        </div>
      )}
    </div>
  );
}
