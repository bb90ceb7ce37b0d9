import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { engine, type PhraseCheck, type Settings } from '../../engine/connection.ts';
import { useCommand } from '../../engine/use-command.ts';
import { useReasonText } from '../../engine/use-reason-text.ts';
import { Button } from '../../parts/button.tsx';
import { Area } from '../../parts/field.tsx';
import { listOf } from '../../parts/lists.ts';
import { Stage } from '../../parts/stage.tsx';
import { useFocusOnMistake } from '../../parts/use-focus-on-mistake.ts';
import { type FirstWay, ProxyChoice } from '../proxy/proxy-choice.tsx';

interface RestoreAccountProps {
  readonly way: FirstWay;
  readonly onRestored: () => void;
  /** There is a backup file instead. */
  readonly onBackup: () => void;
  readonly onBack: () => void;
}

/** Brings an account back from its thirteen words, and helps to find the wrong one. */
export function RestoreAccount({ way, onRestored, onBackup, onBack }: RestoreAccountProps) {
  const { t } = useTranslation();
  const reasonText = useReasonText();
  const [phrase, setPhrase] = useState('');
  const [check, setCheck] = useState<PhraseCheck | null>(null);
  // As it was written down: the page itself shows the words numbered.
  const words = phrase.match(/\p{L}+/gu) ?? [];
  const restore = useCommand(async (proxy: Settings['proxy']) => {
    const found = await engine.account.checkPhrase.mutate({ phrase: words.join(' ') });
    setCheck(found);
    if (found.problem !== null) return;
    await engine.account.restore.mutate({ phrase: words.join(' '), name: '', proxy });
    onRestored();
    // Whoever types the phrase has it.
    await engine.settings.set.mutate({ phraseConfirmed: true });
  });
  const form = useFocusOnMistake<HTMLFormElement>(check?.problem ? check : restore.reason);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    way.take(restore.run);
  };
  const forget = () => {
    setCheck(null);
    restore.forget();
  };
  return (
    <Stage title={t('restore.title')} text={t('restore.text')}>
      <form ref={form} onSubmit={submit} className="mt-4.5 grid gap-3">
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
          problem={check?.problem ? <PhraseProblem check={check} words={words} /> : undefined}
        />
        <ProxyChoice way={way} />
        <p role="alert" className="text-ms text-danger empty:hidden">
          {reasonText(restore.reason)}
        </p>
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
