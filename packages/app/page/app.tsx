import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { followChanges, useAccount, useConnection, useSettings, useStatus } from './engine/queries.ts';
import { JoinNetwork } from './features/network/join-network.tsx';
import { PhraseSetup } from './features/recovery-phrase/phrase-setup.tsx';
import { useTheme } from './features/settings/use-theme.ts';
import { Restoring } from './features/welcome/restoring.tsx';
import { Unlock } from './features/welcome/unlock.tsx';
import { Welcome } from './features/welcome/welcome.tsx';
import { Messenger } from './messenger.tsx';
import { Stage } from './parts/stage.tsx';

/** Which of the page's screens is due: no session, welcome, passphrase, recovery phrase, or the messenger. */
export function App() {
  const { t } = useTranslation();
  const connection = useConnection();
  if (connection === 'missing') {
    return (
      <Stage title={t('gate.noSessionTitle')} text={t('gate.noSession')}>
        <p className="mt-3 text-soft">{t('gate.noSessionOther')}</p>
      </Stage>
    );
  }
  if (connection === 'unreachable') return <Stage title={t('gate.unreachableTitle')} text={t('gate.unreachable')} />;
  return connection === 'connecting' ? null : <Screens />;
}

function Screens() {
  const status = useStatus();
  const ready = status?.state === 'ready';
  // Someone who has just made an account sees its recovery phrase before anything else; who restored one, what arrives.
  const [first, setFirst] = useState<'phrase' | 'restoring' | null>(null);
  useEffect(followChanges, []);
  if (status === undefined) return null;
  if (status.state === 'no-network') return <JoinNetwork />;
  if (status.state === 'welcome') {
    return <Welcome status={status} onCreated={() => setFirst('phrase')} onRestored={() => setFirst('restoring')} />;
  }
  if (status.state === 'locked') return <Unlock />;
  return ready && <Ready first={first} onDone={() => setFirst(null)} />;
}

function Ready({ first, onDone }: { first: 'phrase' | 'restoring' | null; onDone: () => void }) {
  const { i18n } = useTranslation();
  const settings = useSettings();
  const account = useAccount();
  useTheme(settings?.theme);
  const language = settings?.language;
  useEffect(() => {
    if (language === undefined) return;
    document.documentElement.lang = language;
    void i18n.changeLanguage(language);
  }, [language, i18n]);
  if (first === 'phrase') return <PhraseSetup onDone={onDone} />;
  if (first === 'restoring') return account && <Restoring account={account} onDone={onDone} />;
  return <Messenger />;
}
