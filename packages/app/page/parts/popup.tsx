import { Popover } from 'radix-ui';
import type { ReactNode } from 'react';

interface PopupProps {
  readonly label: string;
  readonly children: ReactNode;
  readonly onClose: () => void;
  /** Where it stands: a place of the window, in px. */
  readonly place: { readonly x: number; readonly y: number };
}

/** Something small to choose from, at a place of the window; closes with Esc or by a press beside it. */
export function Popup({ label, children, onClose, place }: PopupProps) {
  return (
    <Popover.Root open onOpenChange={(open) => !open && onClose()}>
      <Popover.Anchor className="fixed size-0" style={{ left: place.x, top: place.y }} />
      <Popover.Portal>
        <Popover.Content
          aria-label={label}
          collisionPadding={8}
          sideOffset={8}
          className="fade z-30 rounded-l border border-line bg-surface shadow-sheet outline-none"
        >
          {children}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
