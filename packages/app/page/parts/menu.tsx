import type { LucideIcon } from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import type { KeyboardEvent, ReactNode } from 'react';

interface MenuProps {
  readonly label: string;
  readonly children: ReactNode;
  readonly onClose: () => void;
  /** Where it opens: a place of the window, in px. */
  readonly place: { readonly x: number; readonly y: number };
  /** What takes the focus when the menu closes without a choice that took it elsewhere. */
  readonly returnTo?: HTMLElement | null;
}

/** A menu at a place of the window, for whatever was pressed there. */
export function Menu({ label, children, onClose, place, returnTo }: MenuProps) {
  return (
    <DropdownMenu.Root open modal={false} onOpenChange={(open) => !open && onClose()}>
      <DropdownMenu.Trigger
        tabIndex={-1}
        aria-hidden="true"
        className="pointer-events-none fixed size-0 opacity-0"
        style={{ left: place.x, top: place.y }}
      />
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          aria-label={label}
          align="start"
          collisionPadding={8}
          onKeyDownCapture={moveFocus}
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            // What was chosen may have led elsewhere, such as to the composer.
            if (document.activeElement === document.body) returnTo?.focus();
          }}
          className="fade z-30 min-w-52 max-w-[calc(100vw-16px)] rounded-m border border-line bg-surface p-1 shadow-sheet"
        >
          {children}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

/** With the key itself: Radix moves the focus in a timer, and a fast Enter would choose the item that it still has. */
function moveFocus(event: KeyboardEvent<HTMLElement>) {
  const items = [...event.currentTarget.querySelectorAll<HTMLElement>('[role=menuitem]')];
  const at = items.indexOf(event.target as HTMLElement);
  const next = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: items.length - 1 }[event.key];
  if (at < 0 || next === undefined) return;
  event.preventDefault();
  items[next]?.focus();
}

interface MenuItemProps {
  readonly icon: LucideIcon;
  readonly children: ReactNode;
  readonly onChoose: () => void;
  readonly danger?: boolean;
}

/** One line of a menu. */
export function MenuItem({ icon: Icon, children, onChoose, danger = false }: MenuItemProps) {
  return (
    <DropdownMenu.Item
      onSelect={onChoose}
      className={`flex cursor-pointer items-center gap-2.5 rounded-s px-2.5 py-2 outline-none select-none data-[highlighted]:bg-sunk ${danger ? 'text-danger' : ''}`}
    >
      <Icon aria-hidden="true" className="size-4 shrink-0" strokeWidth={1.75} />
      {children}
    </DropdownMenu.Item>
  );
}

export function MenuLine() {
  return <DropdownMenu.Separator className="mx-2 my-1 h-px bg-line" />;
}

/** A row of small choices at the top of a menu, like emoji. */
export function MenuRow({ label, children }: { label: string; children: ReactNode }) {
  return (
    <DropdownMenu.Group aria-label={label} className="flex gap-0.5 px-1 py-1">
      {children}
    </DropdownMenu.Group>
  );
}

interface MenuChoiceProps {
  readonly label: string;
  readonly children: ReactNode;
  readonly onChoose: () => void;
  readonly chosen?: boolean;
}

/** One choice of such a row. */
export function MenuChoice({ label, children, onChoose, chosen = false }: MenuChoiceProps) {
  return (
    <DropdownMenu.Item
      aria-label={label}
      title={label}
      onSelect={onChoose}
      className={`grid size-9 cursor-pointer place-items-center rounded-m text-[18px] leading-none outline-none data-[highlighted]:bg-sunk ${chosen ? 'bg-accent-soft' : ''}`}
    >
      {children}
    </DropdownMenu.Item>
  );
}
