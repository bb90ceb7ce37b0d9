import { type KeyboardEvent, useState } from 'react';
import { type Mentionable, mentionAt } from '../text/mentions.ts';

const MOST_SHOWN = 8;

/** Who fits what is typed after an `@`; arrows move, Enter and Tab pick, Esc closes. */
export function useMention(people: readonly Mentionable[]) {
  const [typing, setTyping] = useState<ReturnType<typeof mentionAt>>(null);
  const [at, setAt] = useState(0);
  const wanted = typing?.typed.toLocaleLowerCase() ?? '';
  const found =
    typing === null
      ? []
      : people
          .filter(
            ({ name }) =>
              name
                .toLocaleLowerCase()
                .split(/\s+/)
                .some((word) => word.startsWith(wanted)) || name.toLocaleLowerCase().startsWith(wanted),
          )
          .slice(0, MOST_SHOWN);
  const close = () => setTyping(null);
  return {
    typing,
    found,
    at: Math.min(at, Math.max(0, found.length - 1)),
    close,
    /** Looks at what stands before the cursor. */
    look: (text: string, cursor: number) => {
      setTyping(mentionAt(text, cursor));
      setAt(0);
    },
    /** Whether the key was one for the list. */
    onKeyDown: (event: KeyboardEvent, pick: (person: Mentionable) => void): boolean => {
      if (found.length === 0) return false;
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      const picks = (event.key === 'Enter' && !event.shiftKey) || event.key === 'Tab';
      if (step === undefined && !picks && event.key !== 'Escape') return false;
      event.preventDefault();
      if (step !== undefined) setAt((at + step + found.length) % found.length);
      else if (picks) pick(found[Math.min(at, found.length - 1)]!);
      else close();
      return true;
    },
  };
}
