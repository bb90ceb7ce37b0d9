import { Check } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { engine } from '../../engine/connection.ts';
import { useCommand } from '../../engine/use-command.ts';
import { useReasonText } from '../../engine/use-reason-text.ts';
import { Button } from '../../parts/button.tsx';
import { Field } from '../../parts/field.tsx';
import { Stage } from '../../parts/stage.tsx';
import { JoinNetwork } from '../network/join-network.tsx';
import { RestoreAccount } from './restore-account.tsx';
import { RestoreBackup } from './restore-backup.tsx';

const FACTS = ['read', 'link', 'owner'] as const;

interface WelcomeProps {
  readonly status: { readonly suggestedName: string; readonly networkName: string };
  readonly onCreated: () => void;
  readonly onRestored: () => void;
}

/** The first screen: a name makes an account, thirteen words or a backup bring one back; the network can still be changed. */
export function Welcome({ status, onCreated, onRestored }: WelcomeProps) {
  const [from, setFrom] = useState<'nothing' | 'phrase' | 'backup' | 'network'>('nothing');
  if (from === 'phrase') {
    return (
      <RestoreAccount onRestored={onRestored} onBackup={() => setFrom('backup')} onBack={() => setFrom('nothing')} />
    );
  }
  if (from === 'backup') return <RestoreBackup onBack={() => setFrom('phrase')} />;
  if (from === 'network') {
    const back = () => setFrom('nothing');
    return <JoinNetwork onJoined={back} onBack={back} />;
  }
  return (
    <CreateAccount
      {...status}
      onCreated={onCreated}
      onRestore={() => setFrom('phrase')}
      onNetwork={() => setFrom('network')}
    />
  );
}

interface CreateAccountProps {
  readonly suggestedName: string;
  readonly networkName: string;
  readonly onCreated: () => void;
  readonly onRestore: () => void;
  readonly onNetwork: () => void;
}

function CreateAccount({ suggestedName, networkName, onCreated, onRestore, onNetwork }: CreateAccountProps) {
  const { t } = useTranslation();
  const reasonText = useReasonText();
  const [name, setName] = useState(suggestedName);
  const create = useCommand((chosen: string) => engine.account.create.mutate({ name: chosen }), onCreated);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.run(name.trim());
  };
  return (
    <Stage title={t('welcome.title')} text={t('welcome.text')}>
      <form onSubmit={submit} className="mt-4.5 grid gap-2.5">
        <Field
          label={t('welcome.name')}
          value={name}
          onChange={(event) => {
            setName(event.target.value);
            create.forget();
          }}
          autoFocus
          autoComplete="nickname"
          spellCheck={false}
          dir="auto"
          maxLength={100}
          problem={reasonText(create.reason)}
        />
        <Button type="submit" look="primary" disabled={create.running}>
          {t('welcome.create')}
        </Button>
        <Button onClick={onRestore} disabled={create.running}>
          {t('welcome.restore')}
        </Button>
      </form>
      <ul className="mt-5.5 grid gap-2.5 text-soft">
        {FACTS.map((fact) => (
          <li key={fact} className="flex gap-2.5">
            <Check aria-hidden="true" className="size-5 shrink-0 text-accent" strokeWidth={1.75} />
            {t(`welcome.facts.${fact}`)}
          </li>
        ))}
      </ul>
      <p className="mt-5.5 text-ms text-faint wrap-anywhere">
        {t('welcome.network', { name: networkName })}{' '}
        <button
          type="button"
          className="font-semibold text-accent hover:underline"
          disabled={create.running}
          onClick={onNetwork}
        >
          {t('welcome.otherNetwork')}
        </button>
      </p>
    </Stage>
  );
}
