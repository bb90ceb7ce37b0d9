import { type FormEvent, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { engine } from '../../../engine/connection.ts';
import { useCommand } from '../../../engine/use-command.ts';
import { useReasonText } from '../../../engine/use-reason-text.ts';
import { Button } from '../../../parts/button.tsx';
import { Field } from '../../../parts/field.tsx';

/** Changes the display name. */
export function NameForm({ name }: { name: string }) {
  const { t } = useTranslation();
  const reasonText = useReasonText();
  const [text, setText] = useState(name);
  useEffect(() => setText(name), [name]);
  const change = useCommand((next: string) => engine.account.setName.mutate({ name: next }));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.run(text.trim());
  };
  return (
    <form onSubmit={submit} className="grid gap-3">
      <Field
        label={t('settings.name')}
        hint={t('settings.nameHint')}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          change.forget();
        }}
        autoComplete="nickname"
        spellCheck={false}
        dir="auto"
        maxLength={100}
        problem={reasonText(change.reason)}
      />
      <div className="flex items-center gap-3">
        <Button type="submit" small disabled={text.trim() === name || change.running}>
          {t('common.save')}
        </Button>
        <p role="status" className="text-ms text-soft">
          {change.done && t('common.saved')}
        </p>
      </div>
    </form>
  );
}
