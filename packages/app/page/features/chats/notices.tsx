import { TriangleAlert, Unplug } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useConnection, useRoute } from '../../engine/queries.ts';
import { Notice } from '../../parts/notice.tsx';

/** What a person should know about the network now, in plain words; nothing while all is well. */
export function Notices() {
  const { t } = useTranslation();
  const route = useRoute();
  const hostLost = useConnection() === 'lost';
  const offline = !hostLost && route?.state === 'offline';
  const expired = !hostLost && route?.directoryExpired === true;
  return (
    <div role="status" className="mx-4 grid gap-2 not-empty:mb-3">
      {hostLost && <Notice icon={Unplug}>{t('notice.hostLost')}</Notice>}
      {offline && (
        <Notice icon={Unplug}>
          {route.proxyProblem === null ? t('notice.offline') : t(`proxy.problem.${route.proxyProblem}`)}
        </Notice>
      )}
      {expired && <Notice icon={TriangleAlert}>{t('notice.directoryExpired')}</Notice>}
    </div>
  );
}
