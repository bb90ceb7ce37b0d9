import { useQuery } from '@tanstack/react-query';
import { Wrench } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { engine } from '../../engine/connection.ts';
import { useCommand } from '../../engine/use-command.ts';
import { Button } from '../../parts/button.tsx';
import { useMoment } from '../../parts/use-moment.ts';

/** Tells of a repair of the database until the person has read it. */
export function RepairNotice() {
  const { t } = useTranslation();
  const moment = useMoment();
  const repair = useQuery({ queryKey: ['account', 'repair'], queryFn: () => engine.account.repair.query() }).data;
  const dismiss = useCommand(() => engine.account.dismissRepair.mutate());
  if (repair === undefined || repair === null) return null;
  return (
    <aside className="mx-4 mb-3 flex gap-2.5 rounded-m bg-warn-soft px-3.5 py-2.5 text-ms text-warn">
      <Wrench aria-hidden="true" className="mt-0.5 size-4 shrink-0" strokeWidth={1.75} />
      <div className="min-w-0">
        <p className="font-semibold">{t('repair.title')}</p>
        <p className="mt-0.5">
          {repair.copyFrom === null ? t('repair.whole') : t('repair.fromCopy', { time: moment(repair.copyFrom) })}
        </p>
        <Button
          small
          className="mt-2 border-current/40!"
          disabled={dismiss.running}
          onClick={() => dismiss.run(undefined)}
        >
          {t('repair.dismiss')}
        </Button>
      </div>
    </aside>
  );
}
