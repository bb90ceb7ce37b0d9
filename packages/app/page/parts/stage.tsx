import { Unplug } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useConnection } from '../engine/queries.ts';
import { Mark } from './mark.tsx';
import { Notice } from './notice.tsx';
import { Title } from './title.tsx';

/** One card in the middle of the desk, for what comes before the messenger. */
export function Stage({ title, text, children }: { title: string; text: ReactNode; children?: ReactNode }) {
  const { t } = useTranslation();
  const lost = useConnection() === 'lost';
  return (
    <main className="h-full overflow-y-auto">
      <div className="grid min-h-full place-items-center p-6 narrow:p-3">
        <div className="rise w-[min(460px,100%)] rounded-card border border-line bg-surface p-9 shadow-sheet narrow:p-6">
          <Mark />
          <Title key={title} title={title} className="mt-4.5 mb-2 text-balance text-xxl leading-[1.25]" />
          <p className="text-soft">{text}</p>
          <div role="status" className="not-empty:mt-3">
            {lost && <Notice icon={Unplug}>{t('notice.hostLost')}</Notice>}
          </div>
          {children}
        </div>
      </div>
    </main>
  );
}
