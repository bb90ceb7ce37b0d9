import { CloudDownload, UserRound } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useAccount } from '../../engine/queries.ts';
import { Button } from '../../parts/button.tsx';
import { RepairNotice } from './repair-notice.tsx';

/** What a person should know about their account now: what was repaired, what still comes back, that it has no name. */
export function AccountNotices({ onSettings }: { onSettings: () => void }) {
  const { t } = useTranslation();
  const account = useAccount();
  return (
    <>
      <RepairNotice />
      {account?.restoring && (
        <Notice icon={<CloudDownload {...ICON} />} title={t('restoring.title')}>
          <p role="status" className="mt-0.5 text-soft">
            {t(`restoring.stages.${account.restoring.stage}`)}
          </p>
        </Notice>
      )}
      {account?.name === '' && !account.restoring && (
        <Notice icon={<UserRound {...ICON} />} title={t('nameless.title')}>
          <p className="mt-0.5 text-soft">{t('nameless.text')}</p>
          <Button small className="mt-2" onClick={onSettings}>
            {t('nameless.choose')}
          </Button>
        </Notice>
      )}
    </>
  );
}

const ICON = { 'aria-hidden': true, className: 'mt-0.5 size-4 shrink-0 text-accent', strokeWidth: 1.75 } as const;

function Notice({ icon, title, children }: { icon: ReactNode; title: string; children: ReactNode }) {
  return (
    <aside className="mx-4 mb-3 flex gap-2.5 rounded-m border border-line bg-surface px-3 py-2.5 text-ms">
      {icon}
      <div className="min-w-0">
        <p className="font-semibold">{title}</p>
        {children}
      </div>
    </aside>
  );
}
