import { RadioGroup } from 'radix-ui';
import { type FormEvent, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../../parts/button.tsx';
import { listOf } from '../../parts/lists.ts';

const ASKED = 2;
const OFFERED = 4;

interface Question {
  /** Position in the phrase, from 0. */
  readonly position: number;
  readonly choices: readonly string[];
}

interface PhraseQuizProps {
  readonly phrase: string;
  readonly problem: string | undefined;
  readonly onRight: () => void;
  readonly onBack: () => void;
}

/** Asks for two words at random, each among four of the same phrase. */
export function PhraseQuiz({ phrase, problem, onRight, onBack }: PhraseQuizProps) {
  const { t, i18n } = useTranslation();
  const words = phrase.split(' ');
  const [questions] = useState(() => drawQuestions(words));
  const [picked, setPicked] = useState<Readonly<Record<number, string>>>({});
  const [wrong, setWrong] = useState<readonly number[]>([]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const missed = questions.map((question) => question.position).filter((at) => picked[at] !== words[at]);
    setWrong(missed);
    if (missed.length === 0) onRight();
  };
  const positions = listOf(
    wrong.map((position) => position + 1),
    i18n.language,
  );
  return (
    <form onSubmit={submit} className="mt-5 grid gap-5">
      {questions.map((question) => (
        <WordChoice
          key={question.position}
          question={question}
          picked={picked[question.position] ?? ''}
          onPick={(word) => {
            setPicked({ ...picked, [question.position]: word });
            setWrong([]);
          }}
        />
      ))}
      <p role="alert" className="text-ms text-danger empty:hidden">
        {wrong.length > 0 ? t('phrase.wrong', { count: wrong.length, positions }) : problem}
      </p>
      <div className="grid gap-2.5">
        <Button type="submit" look="primary" disabled={Object.keys(picked).length < ASKED}>
          {t('phrase.confirm')}
        </Button>
        <Button onClick={onBack}>{t('phrase.showAgain')}</Button>
      </div>
    </form>
  );
}

interface WordChoiceProps {
  readonly question: Question;
  readonly picked: string;
  readonly onPick: (word: string) => void;
}

function WordChoice({ question, picked, onPick }: WordChoiceProps) {
  const { t } = useTranslation();
  const label = useId();
  return (
    <div>
      <h2 id={label} className="mb-2 text-ms font-semibold">
        {t('phrase.ask', { position: question.position + 1 })}
      </h2>
      <RadioGroup.Root
        aria-labelledby={label}
        value={picked}
        onValueChange={onPick}
        className="grid grid-cols-2 gap-2"
        translate="no"
      >
        {question.choices.map((word) => (
          <RadioGroup.Item
            key={word}
            value={word}
            className="rounded-s border border-line bg-sunk px-3 py-2.5 text-left font-mono text-ms transition-colors hover:border-faint data-[state=checked]:border-accent data-[state=checked]:bg-accent-soft data-[state=checked]:text-accent"
          >
            {word}
          </RadioGroup.Item>
        ))}
      </RadioGroup.Root>
    </div>
  );
}

/** Only the first twelve are asked for: the last repeats one of them. */
function drawQuestions(words: readonly string[]): readonly Question[] {
  const positions = shuffle([...words.keys()].slice(0, -1))
    .slice(0, ASKED)
    .sort((a, b) => a - b);
  return positions.map((position) => {
    const right = words[position]!;
    const others = shuffle([...new Set(words)].filter((word) => word !== right)).slice(0, OFFERED - 1);
    return { position, choices: shuffle([right, ...others]) };
  });
}

function shuffle<T>(items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, order: Math.random() }))
    .sort((a, b) => a.order - b.order)
    .map(({ item }) => item);
}
