import { X } from 'lucide-react';
import { Dialog } from 'radix-ui';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { IconButton } from './button.tsx';
import { useReturnFocus } from './return-focus.ts';

interface SheetProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
  /** `card` lies in the middle, `side` at the right edge. */
  readonly place?: 'card' | 'side';
}

const PLACES = {
  card: 'rise left-1/2 top-1/2 max-h-[calc(100dvh-32px)] w-[min(460px,calc(100vw-32px))] -translate-x-1/2 -translate-y-1/2 rounded-card border p-7',
  side: 'slide inset-y-0 right-0 w-[min(340px,100vw)] border-l p-5',
} as const;

/** A dialog above the page: keeps the focus, closes with Esc, gives the focus back. */
export function Sheet({ title, onClose, children, place = 'card' }: SheetProps) {
  const { t } = useTranslation();
  const returnFocus = useReturnFocus();
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="fade fixed inset-0 z-20 bg-[rgb(20_20_16/.36)]" />
        <Dialog.Content
          aria-describedby={undefined}
          onCloseAutoFocus={returnFocus}
          className={`fixed z-30 overflow-y-auto border-line bg-surface shadow-sheet outline-none ${PLACES[place]}`}
        >
          <div className="mb-3 flex items-center justify-between gap-4">
            <Dialog.Title className="text-xl font-[650] tracking-[-.015em]">{title}</Dialog.Title>
            <Dialog.Close asChild>
              <IconButton label={t('common.close')} className="-mr-2">
                <X className="size-5" strokeWidth={1.75} />
              </IconButton>
            </Dialog.Close>
          </div>
          {children}
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
