import { useTranslation } from 'react-i18next';
import { useAccount, useRoute, useSettings, useStatus } from '../../engine/queries.ts';
import { Button } from '../../parts/button.tsx';
import { Facts, Page, Section } from '../../parts/page.tsx';
import { BackupSettings } from '../backup/backup-settings.tsx';
import { NotificationSettings } from '../notifications/notification-settings.tsx';
import { Appearance } from './appearance.tsx';
import { PassphraseSettings } from './passphrase-settings.tsx';
import { PhraseReveal } from './phrase-reveal.tsx';
import { Privacy } from './privacy.tsx';
import { NameForm } from './profile/name-form.tsx';
import { PictureForm } from './profile/picture-form.tsx';
import { ProxySettings } from './proxy-settings.tsx';

interface SettingsProps {
  readonly onDevices: () => void;
  readonly onNetwork: () => void;
  readonly onContactLink: () => void;
}

/** Everything one can change about this account and this computer's Sotto. */
export function Settings({ onDevices, onNetwork, onContactLink }: SettingsProps) {
  const { t } = useTranslation();
  const account = useAccount();
  const settings = useSettings();
  const status = useStatus();
  const route = useRoute();
  if (account === undefined || settings === undefined || status === undefined) {
    return <Page title={t('settings.title')} />;
  }
  return (
    <Page title={t('settings.title')}>
      <Section title={t('settings.profile')}>
        <div className="grid gap-5">
          <PictureForm account={account} />
          <NameForm name={account.name} />
          <div className="border-t border-line pt-4">
            <p className="text-soft">{t('settings.reach')}</p>
            <Button small className="mt-3" onClick={onContactLink}>
              {t('settings.reachShow')}
            </Button>
          </div>
        </div>
      </Section>
      <Section title={t('settings.privacy')}>
        <Privacy settings={settings} />
      </Section>
      <Section title={t('settings.notifications')}>
        <NotificationSettings settings={settings} />
      </Section>
      <Section title={t('settings.appearance')}>
        <Appearance settings={settings} />
      </Section>
      <Section title={t('settings.connection')}>
        <ProxySettings proxy={settings.proxy} />
      </Section>
      <Section title={t('settings.devices')}>
        <p className="text-soft">{t('settings.devicesText')}</p>
        <Button small data-leads="devices" className="mt-3" onClick={onDevices}>
          {t('settings.devicesShow')}
        </Button>
      </Section>
      <Section title={t('settings.phrase')}>
        <PhraseReveal confirmed={settings.phraseConfirmed} />
      </Section>
      <Section title={t('settings.passphrase')}>
        <PassphraseSettings key={String(status.hasPassphrase)} isSet={status.hasPassphrase} />
      </Section>
      <Section title={t('settings.backup')}>
        <BackupSettings />
      </Section>
      <Section title={t('settings.about')}>
        <Facts
          facts={[
            [t('settings.network'), <bdi key="name">{status.networkName}</bdi>],
            [t('settings.nodes'), String(route?.nodes ?? '–')],
            [t('settings.licence'), t('settings.licenceText')],
          ]}
        />
        <Button small data-leads="network" className="mt-4" onClick={onNetwork}>
          {t('route.aboutNetwork')}
        </Button>
      </Section>
    </Page>
  );
}
