import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { engine } from '../../engine/connection.ts';
import { CopyButton } from '../../parts/account-id.tsx';
import { QrCode } from '../../parts/qr/qr-code.tsx';
import { Sheet } from '../../parts/sheet.tsx';

/** More than that makes a code that cameras can hardly read. */
const MOST_IN_QR = 1_800;

/** The network as a link and a QR code, for those who are to join it. */
export function ShareNetwork({ name, onClose }: { name: string; onClose: () => void }) {
  const { t } = useTranslation();
  const link = useQuery({ queryKey: ['route', 'network', 'link'], queryFn: () => engine.network.link.query() }).data;
  return (
    <Sheet title={t('network.share')} onClose={onClose}>
      <div className="grid gap-3">
        <p className="text-soft">{t('network.shareText', { name })}</p>
        {link !== undefined && (
          <>
            {link.length <= MOST_IN_QR && (
              <div className="mx-auto w-[min(300px,100%)] py-1">
                <QrCode text={link.toUpperCase()} label={t('network.qr')} />
              </div>
            )}
            <div className="rounded-s border border-line bg-sunk px-2.5 py-2">
              <p className="line-clamp-4 font-mono text-s text-soft select-all wrap-anywhere">{link}</p>
            </div>
            <CopyButton text={link} label={t('network.copyLink')} />
          </>
        )}
      </div>
    </Sheet>
  );
}
