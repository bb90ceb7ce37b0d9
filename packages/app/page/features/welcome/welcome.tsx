import { Check } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { engine, type Settings } from '../../engine/connection.ts';
import { useCommand } from '../../engine/use-command.ts';
import { useReasonText } from '../../engine/use-reason-text.ts';
import { Button } from '../../parts/button.tsx';
import { Field } from '../../parts/field.tsx';
import { Stage } from '../../parts/stage.tsx';
import { useFocusOnMistake } from '../../parts/use-focus-on-mistake.ts';
import { useStep } from '../../parts/use-step.ts';
import { JoinNetwork } from '../network/join-network.tsx';
import { type FirstWay, ProxyChoice, useFirstWay } from '../proxy/proxy-choice.tsx';
import { RestoreAccount } from './restore-account.tsx';
import { RestoreBackup } from './restore-backup.tsx';

const FACTS = ['read', 'link', 'owner'] as const;

interface WelcomeProps {
  readonly status: { readonly suggestedName: string; readonly networkName: string };
  readonly onCreated: () => void;
  readonly onRestored: () => void;
}

/**
 * The first screen: a name makes an account, thirteen words or a backup bring one back; the network can still be changed.
 * Nothing is connected to before one of them has begun.
 */
export function Welcome({ status, onCreated, onRestored }: WelcomeProps) {
  const { step, go, back } = useStep(['new', 'phrase', 'backup', 'network']);
  const way = useFirstWay();
  if (step === 'phrase') {
    return <RestoreAccount way={way} onRestored={onRestored} onBackup={() => go('backup')} onBack={back} />;
  }
  if (step === 'backup') return <RestoreBackup way={way} onBack={back} />;
  if (step === 'network') return <JoinNetwork onJoined={back} onBack={back} />;
  return (
    <CreateAccount
      {...status}
      way={way}
      onCreated={onCreated}
      onRestore={() => go('phrase')}
      onNetwork={() => go('network')}
    />
  );
}

interface CreateAccountProps {
  readonly suggestedName: string;
  readonly networkName: string;
  readonly way: FirstWay;
  readonly onCreated: () => void;
  readonly onRestore: () => void;
  readonly onNetwork: () => void;
}

function CreateAccount({ suggestedName, networkName, way, onCreated, onRestore, onNetwork }: CreateAccountProps) {
  const { t } = useTranslation();
  const reasonText = useReasonText();
  const [name, setName] = useState(suggestedName);
  const create = useCommand(
    (proxy: Settings['proxy']) => engine.account.create.mutate({ name: name.trim(), proxy }),
    onCreated,
  );
  const badName = create.reason === 'bad-name';
  const nameProblem = name.trim() === '' ? t('welcome.nameless') : reasonText(create.reason);
  const form = useFocusOnMistake<HTMLFormElement>(create.reason);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    way.take(create.run);
  };
  return (
    <Stage title={t('welcome.title')} text={t('welcome.text')}>
      <form ref={form} onSubmit={submit} className="mt-4.5 grid gap-2.5">
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
          problem={badName ? nameProblem : undefined}
        />
        <ProxyChoice way={way} />
        <p role="alert" className="text-ms text-danger empty:hidden">
          {!badName && reasonText(create.reason)}
        </p>
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
