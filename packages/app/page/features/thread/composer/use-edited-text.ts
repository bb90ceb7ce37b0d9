import { useRef, useState } from 'react';
import type { Message } from '../../../engine/connection.ts';
import { type Mentionable, withIds, withNames } from '../text/mentions.ts';

/** The text of a message that is being edited, with names for mentions; begins with what was sent. */
export function useEditedText(message: Message | null, people: readonly Mentionable[]) {
  const [written, setWritten] = useState<{ readonly id: string; readonly text: string } | null>(null);
  const picked = useRef<readonly Mentionable[]>([]);
  const begun = message === null ? null : withNames(message.body, people);
  const text = written !== null && written.id === message?.id ? written.text : (begun?.text ?? '');
  return {
    text,
    write: (next: string) => message !== null && setWritten({ id: message.id, text: next }),
    asSent: (shown: string) => withIds(shown, [...(begun?.picked ?? []), ...picked.current]),
    pick: (person: Mentionable) => {
      picked.current = [...picked.current, person];
    },
  };
}
