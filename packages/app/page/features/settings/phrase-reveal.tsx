import { Eye, EyeOff } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { engine } from '../../engine/connection.ts';
import { useCommand } from '../../engine/use-command.ts';
import { useReasonText } from '../../engine/use-reason-text.ts';
import { Button } from '../../parts/button.tsx';
import { PhraseWords } from '../recovery-phrase/phrase-words.tsx';

/** Shows the recovery phrase after a question, until it is hidden or the settings are left. */
export function PhraseReveal({ confirmed }: { confirmed: boolean }) {
  const { t } = useTranslation();
  const reasonText = useReasonText();
  const [asking, setAsking] = useState(false);
  const [phrase, setPhrase] = useState<string | null>(null);
  const reveal = useCommand(() => engine.account.revealPhrase.mutate(), setPhrase);
  const confirm = useCommand(() => engine.settings.set.mutate({ phraseConfirmed: true }));
  const hide = () => {
    setPhrase(null);
    setAsking(false);
    reveal.forget();
  };
  return (
    <>
      <p className="text-soft">
        {t('settings.phraseHint')} {confirmed && t('settings.phraseConfirmed')}
      </p>
      {!asking && (
        <Button small className="mt-3" onClick={() => setAsking(true)}>
          <Eye aria-hidden="true" className="size-4" strokeWidth={1.75} />
          {t('settings.phraseReveal')}
        </Button>
      )}
      {asking && phrase === null && (
        <div role="alert" className="mt-3 rounded-m bg-warn-soft px-3.5 py-3 text-ms text-warn">
          <p className="font-semibold">{t('settings.phraseRevealTitle')}</p>
          <p className="mt-0.5">{t('settings.phraseRevealText')}</p>
          <div className="mt-3 flex flex-wrap gap-2">
            <Button
              small
              autoFocus
              className="border-current/40! bg-surface"
              disabled={reveal.running}
              onClick={() => reveal.run(undefined)}
            >
              {t('settings.phraseShow')}
            </Button>
            <Button small className="border-transparent!" onClick={hide}>
              {t('common.cancel')}
            </Button>
          </div>
          <p className="text-danger">{reasonText(reveal.reason)}</p>
        </div>
      )}
      {phrase !== null && (
        <>
          <PhraseWords phrase={phrase} />
          <div className="mt-3 flex flex-wrap gap-2">
            <Button small autoFocus onClick={hide}>
              <EyeOff aria-hidden="true" className="size-4" strokeWidth={1.75} />
              {t('settings.phraseHide')}
            </Button>
            {!confirmed && (
              <Button small look="primary" disabled={confirm.running} onClick={() => confirm.run(undefined)}>
                {t('phrase.written')}
              </Button>
            )}
          </div>
        </>
      )}
    </>
  );
}
