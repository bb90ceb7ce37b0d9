import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';

/** Something that a person should know before they go on. */
export function Notice({ icon: Icon, children }: { icon: LucideIcon; children: ReactNode }) {
  return (
    <p className="flex gap-2.5 rounded-m bg-warn-soft px-3.5 py-2.5 text-ms text-warn">
      <Icon aria-hidden="true" className="mt-0.5 size-4 shrink-0" strokeWidth={1.75} />
      {children}
    </p>
  );
}
