import { TriangleAlert } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { NetworkInfo } from '../../engine/connection.ts';
import { useNetwork, useRoute } from '../../engine/queries.ts';
import { Button } from '../../parts/button.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Facts, Page, Section } from '../../parts/page.tsx';
import { useMoment } from '../../parts/use-moment.ts';
import { AuthorityList } from './authority-list.tsx';
import { KeyText } from './key-text.tsx';
import { ListHistory } from './list-history.tsx';
import { NewNetworkFile } from './new-network-file.tsx';
import { SeedList } from './seed-list.tsx';
import { ShareNetwork } from './share-network.tsx';
import { Successions } from './successions.tsx';

/** The network of this profile: who decides about it, who signed what, and how to bring others in. */
export function NetworkPage({ onBack }: { onBack: () => void }) {
  const { t } = useTranslation();
  const network = useNetwork();
  const route = useRoute();
  const [sharing, setSharing] = useState(false);
  if (network === undefined || route === undefined) return <Page title={t('network.title')} onBack={onBack} />;
  const { name, authorities, threshold, list, fileServers, oneSite, successions, history, chain } = network;
  return (
    <Page title={t('network.title')} onBack={onBack}>
      <Warnings network={network} />
      <Section>
        <p className="mb-3 text-xl font-[650] tracking-[-.015em] wrap-anywhere">
          <bdi>{name}</bdi>
        </p>
        <Facts
          facts={[
            [t('network.nodes'), String(list?.nodes ?? '–')],
            [t('network.mailbox'), t('route.copies', { count: route.mailboxCopies })],
            [t('network.files'), t('network.fileServers', { count: fileServers.length })],
            ...(oneSite ? [[t('network.place'), t('network.onePlace')] as const] : []),
          ]}
        />
        <p className="mt-4 mb-1 text-ms font-semibold">{t('network.id')}</p>
        <KeyText value={network.id} />
        <Button small className="mt-4" onClick={() => setSharing(true)}>
          {t('network.share')}
        </Button>
      </Section>
      {chain ? (
        <Section title={t('network.seeds')}>
          <p className="mb-3 text-soft">{t('network.fromChain', { count: chain.seeds.length })}</p>
          <SeedList seeds={chain.seeds} />
        </Section>
      ) : (
        <Section title={t('network.authorities')}>
          <p className="mb-3 text-soft">{t('network.decides', { threshold, count: authorities.length })}</p>
          <AuthorityList authorities={authorities} />
        </Section>
      )}
      <Section title={t('network.list')}>
        <CurrentList network={network} />
      </Section>
      {successions.length > 0 && (
        <Section title={t('network.successions')}>
          <Successions successions={successions} />
        </Section>
      )}
      {history.length > 0 && (
        <Section title={t('network.history')}>
          <ListHistory history={history} authorities={authorities} />
        </Section>
      )}
      <Section title={t('network.newFile')}>
        <NewNetworkFile networkId={network.id} />
      </Section>
      {sharing && <ShareNetwork name={name} onClose={() => setSharing(false)} />}
    </Page>
  );
}

function CurrentList({ network: { list, authorities, chain } }: { network: NetworkInfo }) {
  const { t } = useTranslation();
  const moment = useMoment();
  if (list === null) return <p className="text-soft">{t('network.noList')}</p>;
  if (chain) {
    return (
      <Facts
        facts={[
          [t('network.block'), String(list.number)],
          [t('network.listFetched'), moment(list.validFrom)],
        ]}
      />
    );
  }
  const signed = authorities.filter((authority) => authority.signed).length;
  return (
    <Facts
      facts={[
        [t('network.listNumber'), String(list.number)],
        [t('network.listFrom'), moment(list.validFrom)],
        ...(list.validUntil === null ? [] : [[t('network.listUntil'), moment(list.validUntil)] as const]),
        [t('network.listSigned'), t('network.signedBy', { signed, count: authorities.length })],
      ]}
    />
  );
}

/** What a person should ask those who run the network about. */
function Warnings({ network: { list, history } }: { network: NetworkInfo }) {
  const { t } = useTranslation();
  const contradicts = history.some((entry) => entry.contradicts);
  const warnings = [
    ...(list?.expired === true ? [t('notice.directoryExpired')] : []),
    ...(contradicts ? [t('network.contradiction')] : []),
  ];
  return warnings.map((warning) => (
    <div key={warning} role="status">
      <Notice icon={TriangleAlert}>{warning}</Notice>
    </div>
  ));
}
