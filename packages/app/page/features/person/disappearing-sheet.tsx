import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Conversation, engine } from '../../engine/connection.ts';
import { useCommand } from '../../engine/use-command.ts';
import { useReasonText } from '../../engine/use-reason-text.ts';
import { Button } from '../../parts/button.tsx';
import { Choices } from '../../parts/choices.tsx';
import { useDuration } from '../../parts/durations.ts';
import { SelectField } from '../../parts/select-field.tsx';
import { Sheet } from '../../parts/sheet.tsx';

type Setting = Conversation['disappearing'];
type Mode = 'off' | NonNullable<Setting>['mode'];

const HOUR = 3_600;
const DAY = 24 * HOUR;
const TIMES = {
  'after-read': [300, HOUR, 12 * HOUR, DAY, 7 * DAY, 14 * DAY],
  'after-send': [12 * HOUR, DAY, 7 * DAY, 14 * DAY],
} as const;

/** How what we send in a conversation disappears. */
export function DisappearingSheet({ conversation, onClose }: { conversation: Conversation; onClose: () => void }) {
  const { t } = useTranslation();
  const reasonText = useReasonText();
  const duration = useDuration();
  const { id, disappearing, theirDisappearing, isNoteToSelf } = conversation;
  const [mode, setMode] = useState<Mode>(disappearing?.mode ?? 'off');
  const [seconds, setSeconds] = useState<number>(disappearing?.seconds ?? DAY);
  const modes: readonly Mode[] = isNoteToSelf ? ['off', 'after-send'] : ['off', 'after-read', 'after-send'];
  const change = useCommand(
    (next: Setting) => engine.conversations.setDisappearing.mutate({ id, disappearing: next }),
    onClose,
  );
  const choose = (next: Mode) => {
    setMode(next);
    if (next !== 'off' && !(TIMES[next] as readonly number[]).includes(seconds)) setSeconds(DAY);
    change.forget();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.run(mode === 'off' ? null : { mode, seconds });
  };
  return (
    <Sheet title={t('disappearing.title')} onClose={onClose}>
      <form onSubmit={submit} className="grid gap-4">
        <p className="text-soft">{t(isNoteToSelf ? 'disappearing.textSelf' : 'disappearing.text')}</p>
        <Choices
          label={t('disappearing.mode')}
          value={mode}
          onChange={choose}
          choices={modes.map((each) => ({
            value: each,
            label: t(`disappearing.modes.${each}`),
            hint: t(`disappearing.hints.${each}`),
          }))}
        />
        {mode !== 'off' && (
          <SelectField
            label={t('disappearing.time')}
            value={String(seconds)}
            choices={timesWith(TIMES[mode], seconds).map((each) => [String(each), duration(each, 'long')])}
            onChange={(next) => setSeconds(Number(next))}
          />
        )}
        {theirDisappearing !== null && (
          <p className="rounded-m bg-sunk px-3.5 py-2.5 text-ms text-soft">
            {t(`disappearing.theirs.${theirDisappearing.mode}`, { time: duration(theirDisappearing.seconds, 'long') })}
          </p>
        )}
        <p role="alert" className="text-ms text-danger empty:hidden">
          {reasonText(change.reason)}
        </p>
        <Button type="submit" look="primary" disabled={change.running}>
          {t('common.save')}
        </Button>
      </form>
    </Sheet>
  );
}

/** Other clients may have set a time that is not offered here. */
function timesWith(times: readonly number[], seconds: number): readonly number[] {
  return times.includes(seconds) ? times : [...times, seconds].sort((a, b) => a - b);
}
