import { useTranslation } from 'react-i18next';
import { Field } from '../../parts/field.tsx';
import { SelectField } from '../../parts/select-field.tsx';
import { useFocusOnMistake } from '../../parts/use-focus-on-mistake.ts';
import { ofKind, PROXY_KINDS, type ProxyDraft, type ProxyMistake } from './proxy-draft.ts';

interface ProxyFieldsProps {
  readonly draft: ProxyDraft;
  readonly onDraft: (draft: ProxyDraft) => void;
  /** What was found wrong, a new object each time; its field gets the focus. */
  readonly found: { readonly mistake: ProxyMistake } | null;
}

/** Which proxy, if any: its kind, where it is and its login. */
export function ProxyFields({ draft, onDraft, found }: ProxyFieldsProps) {
  const { t } = useTranslation();
  const fields = useFocusOnMistake<HTMLDivElement>(found);
  const problem = (...mistakes: readonly ProxyMistake[]) =>
    found !== null && mistakes.includes(found.mistake) ? t(`proxy.mistakes.${found.mistake}`) : undefined;
  const plain = { autoComplete: 'off', autoCapitalize: 'none', spellCheck: false } as const;
  return (
    <div ref={fields} className="grid gap-3">
      <SelectField
        label={t('proxy.kind')}
        value={draft.kind}
        onChange={(kind) => onDraft(ofKind(draft, kind))}
        choices={PROXY_KINDS.map((each) => [each, t(`proxy.kinds.${each}`)])}
        hint={t(`proxy.hint.${draft.kind}`)}
      />
      {draft.kind !== 'none' && (
        <>
          <div className="grid grid-cols-[minmax(0,1fr)_110px] gap-3">
            <Field
              label={t('proxy.host')}
              value={draft.host}
              onChange={(event) => onDraft({ ...draft, host: event.target.value })}
              {...plain}
              maxLength={255}
              problem={problem('host')}
            />
            <Field
              label={t('proxy.port')}
              value={draft.port}
              onChange={(event) => onDraft({ ...draft, port: event.target.value })}
              inputMode="numeric"
              autoComplete="off"
              maxLength={5}
              problem={problem('port')}
            />
          </div>
          <div className="grid grid-cols-2 gap-3 max-[420px]:grid-cols-1">
            <Field
              label={t('proxy.username')}
              value={draft.username}
              onChange={(event) => onDraft({ ...draft, username: event.target.value })}
              {...plain}
              maxLength={255}
              problem={problem('username', 'noUsername')}
            />
            <Field
              label={t('proxy.password')}
              type="password"
              value={draft.password}
              onChange={(event) => onDraft({ ...draft, password: event.target.value })}
              autoComplete="off"
              maxLength={255}
              problem={problem('password')}
            />
          </div>
        </>
      )}
    </div>
  );
}
