import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { engine } from '../../engine/connection.ts';
import { useCommand } from '../../engine/use-command.ts';
import { useReasonText } from '../../engine/use-reason-text.ts';
import { Button } from '../../parts/button.tsx';
import { Stage } from '../../parts/stage.tsx';
import { PhraseQuiz } from './phrase-quiz.tsx';
import { PhraseWords } from './phrase-words.tsx';

/** Shows the recovery phrase and has two words of it picked, or leaves that for later. */
export function PhraseSetup({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation();
  const reasonText = useReasonText();
  const [phrase, setPhrase] = useState<string | null>(null);
  const [asking, setAsking] = useState(false);
  const { run: reveal, reason } = useCommand(() => engine.account.revealPhrase.mutate(), setPhrase);
  const confirm = useCommand(() => engine.settings.set.mutate({ phraseConfirmed: true }), onDone);
  useEffect(() => reveal(undefined), [reveal]);
  if (phrase !== null && asking) {
    return (
      <Stage title={t('phrase.checkTitle')} text={t('phrase.checkText')}>
        <PhraseQuiz
          phrase={phrase}
          problem={reasonText(confirm.reason)}
          onRight={() => confirm.run(undefined)}
          onBack={() => setAsking(false)}
        />
      </Stage>
    );
  }
  return (
    <Stage title={t('phrase.title')} text={t('phrase.text')}>
      {phrase !== null && <PhraseWords phrase={phrase} />}
      <p role="alert" className="text-ms text-danger">
        {reasonText(reason)}
      </p>
      <div className="mt-4.5 grid gap-2.5">
        <Button look="primary" disabled={phrase === null} onClick={() => setAsking(true)}>
          {t('phrase.written')}
        </Button>
        <Button onClick={onDone}>{t('phrase.later')}</Button>
      </div>
    </Stage>
  );
}
