import { Laptop, MonitorSmartphone } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useDevices } from '../../engine/queries.ts';
import { Page, Section } from '../../parts/page.tsx';
import { useMoment } from '../../parts/use-moment.ts';

/** What can be known of the devices of this account, and how to add one. */
export function DevicesPage({ onBack }: { onBack: () => void }) {
  const { t } = useTranslation();
  const moment = useMoment();
  const devices = useDevices();
  if (devices === undefined) return <Page title={t('devices.title')} onBack={onBack} />;
  const { since, otherSeenAt, pendingChanges, syncedAt } = devices;
  return (
    <Page title={t('devices.title')} intro={t('devices.intro')} onBack={onBack}>
      <Section>
        <Device icon={<Laptop {...ICON} />} name={t('devices.this')} text={t('devices.since', { time: moment(since) })}>
          <p className="mt-1 text-ms text-soft">
            {pendingChanges > 0
              ? t('devices.pending', { count: pendingChanges })
              : syncedAt === null
                ? t('devices.neverSynced')
                : t('devices.synced', { time: moment(syncedAt) })}
          </p>
        </Device>
        <div className="mt-4 border-t border-line pt-4">
          <Device
            icon={<MonitorSmartphone {...ICON} />}
            name={t('devices.others')}
            text={otherSeenAt === null ? t('devices.noOther') : t('devices.otherSeen', { time: moment(otherSeenAt) })}
          />
        </div>
      </Section>
      <Section title={t('devices.add')}>
        <ol className="list-decimal space-y-1.5 pl-5 text-soft">
          <li>{t('devices.addStep1')}</li>
          <li>{t('devices.addStep2')}</li>
          <li>{t('devices.addStep3')}</li>
        </ol>
      </Section>
      <Section title={t('devices.lost')}>
        <p className="text-soft">{t('devices.lostText')}</p>
      </Section>
    </Page>
  );
}

const ICON = { 'aria-hidden': true, className: 'mt-0.5 size-6 shrink-0 text-soft', strokeWidth: 1.5 } as const;

interface DeviceProps {
  readonly icon: ReactNode;
  readonly name: string;
  readonly text: string;
  readonly children?: ReactNode;
}

function Device({ icon, name, text, children }: DeviceProps) {
  return (
    <div className="flex gap-3.5">
      {icon}
      <div className="min-w-0">
        <p className="font-semibold">{name}</p>
        <p className="text-soft">{text}</p>
        {children}
      </div>
    </div>
  );
}
