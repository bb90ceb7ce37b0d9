import { useTranslation } from 'react-i18next';
import { useRoute } from '../../engine/queries.ts';
import { Button } from '../../parts/button.tsx';
import { Facts, Page, Section } from '../../parts/page.tsx';
import { RouteStops } from './route-stops.tsx';

/** The private route in use, explained, with the network it runs through. */
export function RoutePage({ onNetwork }: { onNetwork: () => void }) {
  const { t } = useTranslation();
  const route = useRoute();
  if (route === undefined) return <Page title={t('route.title')} />;
  return (
    <Page title={t('route.title')} intro={t('route.intro')}>
      <Section>
        <RouteStops route={route} mailbox={t('route.anyMailbox')} copies={null} />
      </Section>
      {route.oneSite && <p className="text-ms text-soft">{t('route.oneSite')}</p>}
      <Section title={t('route.network')}>
        <Facts
          facts={[
            [t('route.state'), t(`route.${route.state}`)],
            [t('route.networkName'), route.networkName],
            [t('route.nodes'), String(route.nodes)],
            [t('route.ownMailbox'), t('route.copies', { count: route.mailboxCopies })],
            ...(route.roundTripMs === null
              ? []
              : [[t('route.roundTrip'), t('route.ms', { count: Math.round(route.roundTripMs) })] as const]),
          ]}
        />
        <Button small data-leads="network" className="mt-4" onClick={onNetwork}>
          {t('route.aboutNetwork')}
        </Button>
      </Section>
    </Page>
  );
}
