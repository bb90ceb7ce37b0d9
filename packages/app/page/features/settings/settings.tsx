import { useTranslation } from 'react-i18next';
import { useAccount, useRoute, useSettings, useStatus } from '../../engine/queries.ts';
import { Facts, Page, Section } from '../../parts/page.tsx';
import { Appearance } from './appearance.tsx';
import { NameForm } from './name-form.tsx';
import { PassphraseSettings } from './passphrase-settings.tsx';
import { PhraseReveal } from './phrase-reveal.tsx';

/** Everything one can change about this account and this computer's Sotto. */
export function Settings() {
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
        <NameForm name={account.name} />
      </Section>
      <Section title={t('settings.appearance')}>
        <Appearance settings={settings} />
      </Section>
      <Section title={t('settings.phrase')}>
        <PhraseReveal confirmed={settings.phraseConfirmed} />
      </Section>
      <Section title={t('settings.passphrase')}>
        <PassphraseSettings key={String(status.hasPassphrase)} isSet={status.hasPassphrase} />
      </Section>
      <Section title={t('settings.about')}>
        <Facts
          facts={[
            [t('settings.network'), status.networkName],
            [t('settings.nodes'), String(route?.nodes ?? '–')],
            [t('settings.licence'), t('settings.licenceText')],
          ]}
        />
      </Section>
    </Page>
  );
}
