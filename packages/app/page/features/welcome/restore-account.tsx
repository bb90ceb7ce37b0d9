import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { engine, type PhraseCheck } from '../../engine/connection.ts';
import { useCommand } from '../../engine/use-command.ts';
import { useReasonText } from '../../engine/use-reason-text.ts';
import { Button } from '../../parts/button.tsx';
import { Area } from '../../parts/field.tsx';
import { listOf } from '../../parts/lists.ts';
import { Stage } from '../../parts/stage.tsx';

interface RestoreAccountProps {
  readonly onRestored: () => void;
  /** There is a backup file instead. */
  readonly onBackup: () => void;
  readonly onBack: () => void;
}

/** Brings an account back from its thirteen words, and helps to find the wrong one. */
export function RestoreAccount({ onRestored, onBackup, onBack }: RestoreAccountProps) {
  const { t } = useTranslation();
  const reasonText = useReasonText();
  const [phrase, setPhrase] = useState('');
  const [check, setCheck] = useState<PhraseCheck | null>(null);
  const words = phrase.split(/\s+/).filter(Boolean);
  const restore = useCommand(async () => {
    const found = await engine.account.checkPhrase.mutate({ phrase });
    setCheck(found);
    if (found.problem !== null) return;
    await engine.account.restore.mutate({ phrase, name: '' });
    onRestored();
    // Whoever types the phrase has it.
    await engine.settings.set.mutate({ phraseConfirmed: true });
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    restore.run(undefined);
  };
  const forget = () => {
    setCheck(null);
    restore.forget();
  };
  return (
    <Stage title={t('restore.title')} text={t('restore.text')}>
      <form onSubmit={submit} className="mt-4.5 grid gap-3">
        <Area
          label={t('restore.phrase')}
          value={phrase}
          onChange={(event) => {
            setPhrase(event.target.value);
            forget();
          }}
          rows={4}
          autoFocus
          autoComplete="off"
          autoCapitalize="none"
          autoCorrect="off"
          spellCheck={false}
          maxLength={2_000}
          className="font-mono text-ms leading-relaxed"
          hint={t('restore.count', { count: words.length })}
          problem={check?.problem ? <PhraseProblem check={check} words={words} /> : reasonText(restore.reason)}
        />
        <div className="mt-1 grid gap-2.5">
          <Button type="submit" look="primary" disabled={restore.running || words.length === 0}>
            {t('restore.submit')}
          </Button>
          <Button onClick={onBackup} disabled={restore.running}>
            {t('restore.backup')}
          </Button>
          <Button onClick={onBack} disabled={restore.running}>
            {t('common.back')}
          </Button>
        </div>
      </form>
    </Stage>
  );
}

function PhraseProblem({ check, words }: { check: PhraseCheck; words: readonly string[] }) {
  const { t, i18n } = useTranslation();
  if (check.problem === null) return null;
  if (check.problem !== 'unknown-words') return t(`restore.problem.${check.problem}`, { count: check.words });
  const positions = listOf(
    check.unknown.map((position) => position + 1),
    i18n.language,
  );
  return (
    <>
      <p>{t('restore.problem.unknown-words', { count: check.unknown.length, positions })}</p>
      <ul className="mt-1.5 flex flex-wrap gap-1.5 font-mono">
        {check.unknown.slice(0, 13).map((position) => (
          <li key={position} className="max-w-full truncate rounded-s bg-danger-soft px-2 py-1">
            {position + 1} {words[position]}
          </li>
        ))}
      </ul>
    </>
  );
}
