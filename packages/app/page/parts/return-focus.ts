import { useState } from 'react';

/**
 * For a dialog that no button of its own opens: when it closes, what had the focus before has it again, unless
 * something else took it meanwhile.
 */
export function useReturnFocus(): (event: Event) => void {
  const [before] = useState(() => document.activeElement);
  return (event) => {
    event.preventDefault();
    if (document.activeElement === document.body && before instanceof HTMLElement) before.focus();
  };
}
