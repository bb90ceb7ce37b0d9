import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { engine, type NetworkPreview as Preview } from '../../engine/connection.ts';
import { useCommand } from '../../engine/use-command.ts';
import { useReasonText } from '../../engine/use-reason-text.ts';
import { Button } from '../../parts/button.tsx';
import { NetworkInput } from './network-input.tsx';
import { NetworkPreview } from './network-preview.tsx';

/** Takes a newer file of the same network; says what to do with that of another one. */
export function NewNetworkFile({ networkId }: { networkId: string }) {
  const { t } = useTranslation();
  const reasonText = useReasonText();
  const [open, setOpen] = useState(false);
  const [found, setFound] = useState<{ readonly text: string; readonly network: Preview } | null>(null);
  const read = useCommand(
    async (text: string) => ({ text, network: await engine.network.read.mutate({ text }) }),
    setFound,
  );
  const close = () => {
    setFound(null);
    setOpen(false);
  };
  const join = useCommand((text: string) => engine.network.join.mutate({ text }), close);
  const isOther = found !== null && found.network.id !== networkId;
  return (
    <div className="grid gap-4">
      <p className="text-soft">{t('network.newFileText')}</p>
      {!open && (
        <div>
          <Button small onClick={() => setOpen(true)}>
            {t('network.newFileOpen')}
          </Button>
        </div>
      )}
      {open && found === null && (
        <NetworkInput onText={read.run} problem={reasonText(read.reason)} running={read.running} />
      )}
      {found !== null && (
        <>
          <NetworkPreview network={found.network} />
          <p role="status" className={`text-ms ${isOther ? 'text-danger' : 'text-soft'}`}>
            {t(isOther ? 'network.isOther' : 'network.isSame')}
          </p>
          <p role="alert" className="text-ms text-danger empty:hidden">
            {reasonText(join.reason)}
          </p>
          <div className="flex flex-wrap gap-2">
            {!isOther && (
              <Button small look="primary" disabled={join.running} onClick={() => join.run(found.text)}>
                {t('network.useFile')}
              </Button>
            )}
            <Button small onClick={close}>
              {t('common.cancel')}
            </Button>
          </div>
        </>
      )}
    </div>
  );
}
