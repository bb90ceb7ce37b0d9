import type { ReactNode } from 'react';
import { Mark } from './mark.tsx';

/** One card in the middle of the desk, for what comes before the messenger. */
export function Stage({ title, text, children }: { title: string; text: ReactNode; children?: ReactNode }) {
  return (
    <main className="h-full overflow-y-auto">
      <div className="grid min-h-full place-items-center p-6 narrow:p-3">
        <div className="rise w-[min(460px,100%)] rounded-card border border-line bg-surface p-9 shadow-sheet narrow:p-6">
          <Mark />
          <h1 className="mt-4.5 mb-2 text-balance text-xxl leading-[1.25]">{title}</h1>
          <p className="text-soft">{text}</p>
          {children}
        </div>
      </div>
    </main>
  );
}
