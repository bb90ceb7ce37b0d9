import { ArrowLeft } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { IconButton } from './button.tsx';
import { Title } from './title.tsx';

interface PageProps {
  readonly title: string;
  readonly intro?: string;
  /** For a page that another one leads to. */
  readonly onBack?: () => void;
  readonly children?: ReactNode;
}

/** A whole pane with a title: settings, private route. */
export function Page({ title, intro, onBack, children }: PageProps) {
  const { t } = useTranslation();
  return (
    <div className="h-full overflow-y-auto bg-sunk">
      <div className="mx-auto grid max-w-[640px] grid-cols-1 gap-5 px-6 pt-8 pb-12 narrow:px-4 narrow:pt-5">
        <header>
          <div className="flex items-center gap-2">
            {onBack !== undefined && (
              <IconButton label={t('common.back')} onClick={onBack} className="-ml-2">
                <ArrowLeft className="size-5" strokeWidth={1.75} />
              </IconButton>
            )}
            <Title title={title} />
          </div>
          {intro !== undefined && <p className="mt-2 text-soft">{intro}</p>}
        </header>
        {children}
      </div>
    </div>
  );
}

/** A sheet on such a pane. */
export function Section({ title, children }: { title?: string; children: ReactNode }) {
  return (
    <section className="rounded-l border border-line bg-surface p-5">
      {title !== undefined && <h2 className="mb-3 text-s font-[650] text-faint">{title}</h2>}
      {children}
    </section>
  );
}

/** Names and values in rows. */
export function Facts({ facts }: { facts: readonly (readonly [string, ReactNode])[] }) {
  return (
    <dl>
      {facts.map(([name, value]) => (
        <div
          key={name}
          className="flex justify-between gap-4 border-b border-line py-2.5 first:pt-0 last:border-0 last:pb-0"
        >
          <dt className="shrink-0">{name}</dt>
          <dd className="min-w-0 text-right text-ms text-soft">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
