import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Field } from './field.tsx';
import { useFocusOnMistake } from './use-focus-on-mistake.ts';

const LEAST_LENGTH = 8;
const MOST_LENGTH = 1_000;

/** A new passphrase, typed twice. */
export interface NewPassphrase {
  readonly first: string;
  readonly again: string;
  /** What was found wrong, a new object each time; its field gets the focus. */
  readonly found: { readonly mistake: 'short' | 'differ' } | null;
  readonly change: (next: { readonly first?: string; readonly again?: string }) => void;
  /** Runs something with the passphrase, or shows what is wrong with it. */
  readonly take: (use: (passphrase: string) => void) => void;
}

/** What stands in {@link NewPassphraseFields}; `onEdit` hears of each change. */
export function useNewPassphrase(onEdit: () => void): NewPassphrase {
  const [typed, setTyped] = useState({ first: '', again: '' });
  const [found, setFound] = useState<NewPassphrase['found']>(null);
  return {
    ...typed,
    found,
    change: (next) => {
      setTyped({ ...typed, ...next });
      setFound(null);
      onEdit();
    },
    take: (use) => {
      const { first, again } = typed;
      const mistake = first.length < LEAST_LENGTH ? 'short' : first !== again ? 'differ' : null;
      setFound(mistake && { mistake });
      if (mistake === null) use(first);
    },
  };
}

interface NewPassphraseFieldsProps {
  readonly passphrase: NewPassphrase;
  readonly label: string;
  readonly hint: string;
  readonly autoFocus?: boolean;
}

/** A passphrase that is chosen now, and once more against slips of the finger. */
export function NewPassphraseFields({ passphrase, label, hint, autoFocus = false }: NewPassphraseFieldsProps) {
  const { t } = useTranslation();
  const { first, again, found, change } = passphrase;
  const fields = useFocusOnMistake<HTMLDivElement>(found);
  const common = { type: 'password', autoComplete: 'new-password', maxLength: MOST_LENGTH } as const;
  return (
    <div ref={fields} className="grid gap-3">
      <Field
        {...common}
        label={label}
        hint={hint}
        autoFocus={autoFocus}
        value={first}
        onChange={(event) => change({ first: event.target.value })}
        problem={found?.mistake === 'short' ? t('newPassphrase.short') : undefined}
      />
      <Field
        {...common}
        label={t('newPassphrase.again')}
        value={again}
        onChange={(event) => change({ again: event.target.value })}
        problem={found?.mistake === 'differ' ? t('newPassphrase.differ') : undefined}
      />
    </div>
  );
}
