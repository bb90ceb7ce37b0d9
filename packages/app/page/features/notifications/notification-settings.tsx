import { useTranslation } from 'react-i18next';
import { engine, type Settings } from '../../engine/connection.ts';
import { useCommand } from '../../engine/use-command.ts';
import { useReasonText } from '../../engine/use-reason-text.ts';
import { SelectField } from '../../parts/select-field.tsx';
import { SwitchRow } from '../../parts/switch-row.tsx';
import { askPermission, usePermission } from './permission.ts';

const CONTENTS = ['name-and-text', 'name', 'nothing'] as const;

/** Whether and how this computer tells of new messages; the browser is asked only when they are chosen. */
export function NotificationSettings({ settings }: { settings: Settings }) {
  const { t } = useTranslation();
  const reasonText = useReasonText();
  const permission = usePermission();
  const on = settings.notifications && permission === 'granted';
  const change = useCommand(async (next: Partial<Settings>) => {
    if (next.notifications === true && (await askPermission()) !== 'granted') return;
    await engine.settings.set.mutate(next);
  });
  return (
    <div className="grid gap-4">
      <div>
        <SwitchRow
          label={t('notifications.show')}
          hint={t(
            permission === 'denied' || permission === 'unsupported'
              ? `notifications.${permission}`
              : 'notifications.hint',
          )}
          on={on}
          disabled={permission === 'denied' || permission === 'unsupported'}
          onChange={(wanted) => change.run({ notifications: wanted })}
        />
      </div>
      {on && (
        <SelectField
          label={t('notifications.content')}
          value={settings.notificationContent}
          choices={CONTENTS.map((content) => [content, t(`notifications.contents.${content}`)])}
          onChange={(notificationContent) => change.run({ notificationContent })}
          hint={t('notifications.contentHint')}
        />
      )}
      <p role="alert" className="text-ms text-danger empty:hidden">
        {reasonText(change.reason)}
      </p>
    </div>
  );
}
