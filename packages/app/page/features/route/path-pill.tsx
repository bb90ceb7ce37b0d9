import { useTranslation } from 'react-i18next';
import type { RouteInfo } from '../../engine/connection.ts';
import { useConnection, useRoute } from '../../engine/queries.ts';

/** The state of the private route in one line; opens the page that explains it. */
export function PathPill({ onOpen }: { onOpen: () => void }) {
  const { t } = useTranslation();
  const lost = useConnection() === 'lost';
  const route = useRoute();
  const state = lost ? 'offline' : (route?.state ?? 'connecting');
  return (
    <button
      type="button"
      onClick={onOpen}
      className="mx-4 mb-4 flex items-center gap-2.5 rounded-m border border-line bg-surface px-3 py-2.5 text-left text-s text-soft transition-colors hover:border-faint narrow:mb-2 short:mt-auto"
    >
      <span aria-hidden="true" className={`flex gap-1 ${HOPS[state]}`}>
        <i className="hop" />
        <i className="hop" />
        <i className="hop" />
      </span>
      <PillText state={state} route={route} />
      <span className="sr-only">{t('route.opens')}</span>
    </button>
  );
}

const HOPS: Record<RouteInfo['state'], string> = {
  connected: '',
  connecting: 'hops-searching',
  offline: 'hops-offline',
};

function PillText({ state, route }: { state: RouteInfo['state']; route: RouteInfo | undefined }) {
  const { t } = useTranslation();
  if (state === 'connecting') return <span>{t('route.connecting')}</span>;
  if (state === 'offline' || route === undefined) return <b className="font-semibold text-ink">{t('route.offline')}</b>;
  return (
    <span>
      <b className="font-semibold text-ink">{t('route.pill')}</b> · {t('route.relays', { count: route.relays.length })}
      {route.roundTripMs !== null && ` · ${t('route.ms', { count: Math.round(route.roundTripMs) })}`}
    </span>
  );
}
