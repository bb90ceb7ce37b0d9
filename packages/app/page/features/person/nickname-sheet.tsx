import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Conversation, engine } from '../../engine/connection.ts';
import { useCommand } from '../../engine/use-command.ts';
import { useReasonText } from '../../engine/use-reason-text.ts';
import { Button } from '../../parts/button.tsx';
import { Field } from '../../parts/field.tsx';
import { Sheet } from '../../parts/sheet.tsx';

interface NicknameSheetProps {
  readonly person: Pick<Conversation, 'id' | 'nickname' | 'profileName'>;
  readonly onClose: () => void;
}

/** What we call somebody, instead of the name that they gave themselves. */
export function NicknameSheet({ person: { id, nickname, profileName }, onClose }: NicknameSheetProps) {
  const { t } = useTranslation();
  const reasonText = useReasonText();
  const [text, setText] = useState(nickname ?? '');
  const change = useCommand(
    (next: string | null) => engine.contacts.setNickname.mutate({ accountId: id, nickname: next }),
    onClose,
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.run(text.trim() === '' ? null : text.trim());
  };
  return (
    <Sheet title={t('person.nickname')} onClose={onClose}>
      <form onSubmit={submit} className="grid gap-3">
        <Field
          label={t('person.nickname')}
          hint={profileName === null ? t('person.nicknameHint') : t('person.nicknameHintNamed', { name: profileName })}
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            change.forget();
          }}
          autoFocus
          autoComplete="off"
          spellCheck={false}
          dir="auto"
          maxLength={100}
          problem={reasonText(change.reason)}
        />
        <Button type="submit" look="primary" disabled={change.running}>
          {t('common.save')}
        </Button>
        {nickname !== null && (
          <Button disabled={change.running} onClick={() => change.run(null)}>
            {t('person.nicknameRemove')}
          </Button>
        )}
      </form>
    </Sheet>
  );
}
