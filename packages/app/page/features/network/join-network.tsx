import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { engine, type NetworkPreview as Preview } from '../../engine/connection.ts';
import { useCommand } from '../../engine/use-command.ts';
import { useReasonText } from '../../engine/use-reason-text.ts';
import { Button } from '../../parts/button.tsx';
import { Stage } from '../../parts/stage.tsx';
import { NetworkInput } from './network-input.tsx';
import { NetworkPreview } from './network-preview.tsx';

interface JoinNetworkProps {
  readonly onJoined?: () => void;
  /** Given if there is a network already that one can stay in. */
  readonly onBack?: () => void;
}

/** The first screen where no network is known: takes one, shows it, and joins it after that. */
export function JoinNetwork({ onJoined, onBack }: JoinNetworkProps) {
  const { t } = useTranslation();
  const reasonText = useReasonText();
  const [found, setFound] = useState<{ readonly text: string; readonly network: Preview } | null>(null);
  const read = useCommand(
    async (text: string) => ({ text, network: await engine.network.read.mutate({ text }) }),
    setFound,
  );
  const join = useCommand((text: string) => engine.network.join.mutate({ text }), onJoined);
  if (found === null) {
    return (
      <Stage key="input" title={t('join.title')} text={t('join.text')}>
        <div className="mt-4.5">
          <NetworkInput onText={read.run} problem={reasonText(read.reason)} running={read.running} />
        </div>
        {onBack !== undefined && (
          <Button className="mt-2.5 w-full" onClick={onBack}>
            {t('common.back')}
          </Button>
        )}
      </Stage>
    );
  }
  return (
    <Stage key="preview" title={t('join.confirmTitle')} text={t('join.confirmText')}>
      <div className="mt-4.5 grid gap-4">
        <NetworkPreview network={found.network} />
        <p role="alert" className="text-ms text-danger empty:hidden">
          {reasonText(join.reason)}
        </p>
        <div className="grid gap-2.5">
          <Button look="primary" disabled={join.running} onClick={() => join.run(found.text)}>
            {t('join.join')}
          </Button>
          <Button
            disabled={join.running}
            onClick={() => {
              join.forget();
              setFound(null);
            }}
          >
            {t('join.another')}
          </Button>
        </div>
      </div>
    </Stage>
  );
}
