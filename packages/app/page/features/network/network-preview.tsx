import { TriangleAlert } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { NetworkPreview as Preview } from '../../engine/connection.ts';
import { Notice } from '../../parts/notice.tsx';
import { AuthorityList } from './authority-list.tsx';
import { SeedList } from './seed-list.tsx';

/** What a person should look at before they join a network: its name, who decides, and what is odd about it. */
export function NetworkPreview({ network }: { network: Preview }) {
  const { t } = useTranslation();
  const { name, authorities, threshold, oneSite, fileServers, chain } = network;
  return (
    <div className="grid gap-4">
      {/* What was asked for has come: readers of screens go on here. */}
      <div
        ref={(element) => element?.focus({ preventScroll: true })}
        tabIndex={-1}
        className="rounded-l border border-line bg-sunk px-4 py-3.5 outline-none"
      >
        <p className="text-xl font-[650] tracking-[-.015em] wrap-anywhere">
          <bdi>{name}</bdi>
        </p>
        <p className="mt-0.5 text-ms text-soft">
          {chain
            ? t('network.fromChain', { count: chain.seeds.length })
            : t('network.decides', { threshold, count: authorities.length })}
        </p>
        <p className="mt-0.5 text-ms text-soft">{t('network.fileServers', { count: fileServers.length })}</p>
      </div>
      {oneSite && <Notice icon={TriangleAlert}>{t('network.oneSite')}</Notice>}
      {threshold === 1 && authorities.length === 1 && <Notice icon={TriangleAlert}>{t('network.oneAuthority')}</Notice>}
      {chain ? (
        <section aria-label={t('network.seeds')}>
          <h2 className="mb-2 text-ms font-semibold">{t('network.seeds')}</h2>
          <SeedList seeds={chain.seeds} />
        </section>
      ) : (
        <section aria-label={t('network.authorities')}>
          <h2 className="mb-1 text-ms font-semibold">{t('network.authorities')}</h2>
          <p className="mb-2 text-ms text-soft">{t('network.compare')}</p>
          <AuthorityList authorities={authorities} />
        </section>
      )}
    </div>
  );
}
