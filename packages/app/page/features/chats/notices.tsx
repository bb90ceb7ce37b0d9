import { TriangleAlert, Unplug } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useConnection, useRoute } from '../../engine/queries.ts';

/** What a person should know about the network now, in plain words; nothing while all is well. */
export function Notices() {
  const { t } = useTranslation();
  const route = useRoute();
  const hostLost = useConnection() === 'lost';
  const offline = !hostLost && route?.state === 'offline';
  const expired = !hostLost && route?.directoryExpired === true;
  return (
    <div role="status" className="mx-4 grid gap-2 not-empty:mb-3">
      {hostLost && <Notice icon={<Unplug {...ICON} />} text={t('notice.hostLost')} />}
      {offline && (
        <Notice
          icon={<Unplug {...ICON} />}
          text={route.proxyProblem === null ? t('notice.offline') : t(`proxy.problem.${route.proxyProblem}`)}
        />
      )}
      {expired && <Notice icon={<TriangleAlert {...ICON} />} text={t('notice.directoryExpired')} />}
    </div>
  );
}

const ICON = { 'aria-hidden': true, className: 'mt-0.5 size-4 shrink-0', strokeWidth: 1.75 } as const;

function Notice({ icon, text }: { icon: React.ReactNode; text: string }) {
  return (
    <p className="flex gap-2.5 rounded-m bg-warn-soft px-3.5 py-2.5 text-ms text-warn">
      {icon}
      {text}
    </p>
  );
}
