import { type FocusEvent, type KeyboardEvent, type RefObject, useEffect, useRef, useState } from 'react';
import type { Row } from './rows.ts';
import type { RowScroller } from './use-jump.ts';

/** The messages are one stop of the Tab key; arrows lead from one to the next. */
export function useMessageFocus(
  rows: readonly Row[],
  virtualizer: RowScroller,
  scroller: RefObject<HTMLElement | null>,
) {
  const [focused, setFocused] = useState<string | null>(null);
  const wanted = useRef<string | null>(null);
  const elementOf = (id: string) => scroller.current?.querySelector<HTMLElement>(`[data-message="${CSS.escape(id)}"]`);
  // A message that was too far away to be in the page has the focus when it comes, unless a person took it elsewhere.
  useEffect(() => {
    if (wanted.current === null) return;
    const { activeElement } = document;
    const stillHere = activeElement === document.body || scroller.current?.contains(activeElement) === true;
    const element = elementOf(wanted.current);
    if (stillHere && element == null) return;
    wanted.current = null;
    if (stillHere) element?.focus();
  });
  const known = focused !== null && rows.some(({ message }) => message.id === focused);
  return {
    stop: known ? focused : (rows.at(-1)?.message.id ?? null),
    /** Whether the key led to another message. */
    onKeyDown: (event: KeyboardEvent): boolean => {
      const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
      const id = event.target instanceof HTMLElement ? event.target.dataset.message : undefined;
      if (step === undefined || id === undefined) return false;
      event.preventDefault();
      const at = rows.findIndex(({ message }) => message.id === id) + step;
      const next = rows[at]?.message.id;
      if (next === undefined) return true;
      virtualizer.scrollToIndex(at, { align: 'auto' });
      const element = elementOf(next);
      wanted.current = element == null ? next : null;
      element?.focus();
      return true;
    },
    onFocus: ({ target }: FocusEvent) => {
      if (target instanceof HTMLElement && target.dataset.message !== undefined) setFocused(target.dataset.message);
    },
  };
}
