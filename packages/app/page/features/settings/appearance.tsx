import { Monitor, Moon, Sun } from 'lucide-react';
import { RadioGroup } from 'radix-ui';
import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import { engine, type Settings } from '../../engine/connection.ts';
import { useCommand } from '../../engine/use-command.ts';
import { useReasonText } from '../../engine/use-reason-text.ts';
import { SelectField } from '../../parts/select-field.tsx';
import { LANGUAGES } from '../../strings/strings.ts';

const THEMES = { system: Monitor, light: Sun, dark: Moon } as const;

/** Theme and language. */
export function Appearance({ settings }: { settings: Settings }) {
  const { t } = useTranslation();
  const reasonText = useReasonText();
  const themeLabel = useId();
  const change = useCommand((next: Partial<Settings>) => engine.settings.set.mutate(next));
  return (
    <div className="grid gap-4">
      <div>
        <h3 id={themeLabel} className="mb-1.5 text-ms font-semibold">
          {t('settings.theme')}
        </h3>
        <RadioGroup.Root
          aria-labelledby={themeLabel}
          value={settings.theme}
          onValueChange={(theme) => change.run({ theme: theme as Settings['theme'] })}
          className="grid grid-cols-3 gap-2 max-[420px]:grid-cols-1"
        >
          {Object.entries(THEMES).map(([theme, Icon]) => (
            <RadioGroup.Item
              key={theme}
              value={theme}
              className="flex items-center justify-center gap-2 rounded-m border border-line bg-sunk px-3 py-2.5 text-ms font-semibold text-soft transition-colors hover:text-ink data-[state=checked]:border-accent data-[state=checked]:bg-accent-soft data-[state=checked]:text-accent"
            >
              <Icon aria-hidden="true" className="size-4" strokeWidth={1.75} />
              {t(`settings.themes.${theme as Settings['theme']}`)}
            </RadioGroup.Item>
          ))}
        </RadioGroup.Root>
      </div>
      <SelectField
        label={t('settings.language')}
        value={settings.language in LANGUAGES ? settings.language : 'en'}
        choices={Object.entries(LANGUAGES).map(([language, { name }]) => [language, name])}
        onChange={(language) => change.run({ language })}
      />
      <p role="alert" className="text-ms text-danger empty:hidden">
        {reasonText(change.reason)}
      </p>
    </div>
  );
}
