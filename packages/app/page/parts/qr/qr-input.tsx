import { Camera, ImageUp } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../button.tsx';
import { FileButton } from '../file-button.tsx';
import { QrCamera } from './qr-camera.tsx';
import { readQrImage } from './read-qr.ts';

/** Reads a QR code with the camera or from an image, and says so itself if there is none. */
export function QrInput({ onRead }: { onRead: (text: string) => void }) {
  const { t } = useTranslation();
  const [scanning, setScanning] = useState(false);
  const [problem, setProblem] = useState<'noCode' | 'noCamera' | null>(null);
  const take = (text: string | null) => {
    setScanning(false);
    setProblem(text === null ? 'noCode' : null);
    if (text !== null) onRead(text);
  };
  const giveUp = () => {
    setScanning(false);
    setProblem('noCamera');
  };
  return (
    <>
      {scanning && <QrCamera onRead={take} onFailed={giveUp} />}
      <div className="grid grid-cols-2 gap-2 max-[420px]:grid-cols-1">
        <Button
          small
          onClick={() => {
            setProblem(null);
            setScanning(!scanning);
          }}
        >
          <Camera aria-hidden="true" className="size-4" strokeWidth={1.75} />
          {t(scanning ? 'qr.stopScan' : 'qr.scan')}
        </Button>
        <FileButton accept="image/*" onFile={(file) => void readQrImage(file).then(take)}>
          <ImageUp aria-hidden="true" className="size-4" strokeWidth={1.75} />
          {t('qr.image')}
        </FileButton>
      </div>
      <p role="alert" className="text-ms text-danger empty:hidden">
        {problem !== null && t(`qr.${problem}`)}
      </p>
    </>
  );
}
