import { Copy } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../../parts/button.tsx';

/** The thirteen words, numbered, with what there is to know about copying them. */
export function PhraseWords({ phrase }: { phrase: string }) {
  const { t } = useTranslation();
  const [copying, setCopying] = useState<'idle' | 'copied' | 'copyFailed'>('idle');
  const copy = () =>
    navigator.clipboard.writeText(phrase).then(
      () => setCopying('copied'),
      () => setCopying('copyFailed'),
    );
  return (
    <>
      <ol
        aria-label={t('phrase.words')}
        className="my-4.5 grid grid-cols-3 gap-2 max-[420px]:grid-cols-2"
        translate="no"
      >
        {phrase.split(' ').map((word, position) => (
          <li
            // The phrase never changes, so a position is a word's identity.
            // biome-ignore lint/suspicious/noArrayIndexKey: as said above
            key={position}
            className="flex rounded-s border border-line bg-sunk px-2.5 py-2 font-mono text-ms"
          >
            <span className="mr-1.5 text-faint">{position + 1}</span>
            {word}
          </li>
        ))}
      </ol>
      <p className="rounded-m bg-warn-soft px-3.5 py-2.5 text-ms text-warn">{t('phrase.warning')}</p>
      <div className="mt-2.5 flex items-start gap-3">
        <Button small onClick={() => void copy()} className="shrink-0">
          <Copy aria-hidden="true" className="size-4" />
          {t('phrase.copy')}
        </Button>
        <p role="status" className="text-s text-soft">
          {copying !== 'idle' && t(`phrase.${copying}`)}
        </p>
      </div>
    </>
  );
}
