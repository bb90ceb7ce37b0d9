import { useTranslation } from 'react-i18next';
import { engine, type Settings } from '../../engine/connection.ts';
import { useCommand } from '../../engine/use-command.ts';
import { useReasonText } from '../../engine/use-reason-text.ts';
import { SwitchRow } from '../../parts/switch-row.tsx';

const CHOICES = ['readReceipts', 'typingIndicators', 'linkPreviews'] as const;

/** What others learn of what one does here; all of it is off until chosen. */
export function Privacy({ settings }: { settings: Settings }) {
  const { t } = useTranslation();
  const reasonText = useReasonText();
  const change = useCommand((next: Partial<Settings>) => engine.settings.set.mutate(next));
  return (
    <>
      <div>
        {CHOICES.map((choice) => (
          <SwitchRow
            key={choice}
            label={t(`privacy.${choice}`)}
            hint={t(`privacy.${choice}Hint`)}
            on={settings[choice]}
            onChange={(on) => change.run({ [choice]: on })}
          />
        ))}
      </div>
      <p role="alert" className="text-ms text-danger empty:hidden">
        {reasonText(change.reason)}
      </p>
    </>
  );
}
