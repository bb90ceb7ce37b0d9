import { type KeyboardEvent, type RefObject, useState } from 'react';

const STEPS: Readonly<Record<string, (at: number, last: number) => number>> = {
  ArrowDown: (at, last) => Math.min(at + 1, last),
  ArrowUp: (at) => Math.max(at - 1, 0),
  Home: () => 0,
  End: (_, last) => last,
};

/** A list of buttons is one stop of the Tab key; arrows, Home and End move inside. */
export function useRovingFocus(list: RefObject<HTMLElement | null>, current: string | null) {
  const [focused, setFocused] = useState<string | null>(null);
  const stop = focused ?? current;
  const onKeyDown = (event: KeyboardEvent) => {
    const buttons = [...(list.current?.querySelectorAll<HTMLElement>('[data-stop]') ?? [])];
    const step = STEPS[event.key];
    const at = buttons.indexOf(document.activeElement as HTMLElement);
    if (step === undefined || at < 0) return;
    event.preventDefault();
    const next = buttons[step(at, buttons.length - 1)];
    next?.focus();
    setFocused(next?.dataset.stop ?? null);
  };
  return {
    list: { onKeyDown, onBlur: () => setFocused(null) },
    tabIndex: (id: string, position: number) => {
      const present = stop !== null && list.current?.querySelector(`[data-stop="${CSS.escape(stop)}"]`) != null;
      return (present ? id === stop : position === 0) ? 0 : -1;
    },
  };
}
