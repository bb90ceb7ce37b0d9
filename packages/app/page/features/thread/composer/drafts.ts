import { useEffect, useRef, useState } from 'react';
import { engine } from '../../../engine/connection.ts';
import { type Mentionable, withIds, withNames } from '../text/mentions.ts';

/** How long after a key press a draft is kept, ms. */
const PAUSE_MS = 400;

/** What was written in this window and not sent, by conversation; newer than what the engine has heard of. */
const written = new Map<string, string>();

/**
 * The text that is being written, with names for mentions. It is kept by the engine, so that it survives a restart;
 * `kept` is what was there when the conversation was opened.
 */
export function useDraft(conversationId: string, kept: string, people: readonly Mentionable[]) {
  const [begun] = useState(() => withNames(written.get(conversationId) ?? kept, people));
  const [text, setText] = useState(begun.text);
  const picked = useRef<readonly Mentionable[]>(begun.picked);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const asSent = (shown: string) => withIds(shown, picked.current);
  const save = useRef(() => {});
  save.current = () => {
    clearTimeout(timer.current);
    timer.current = undefined;
    // What was put back after one has left is nowhere else; should it fail, the window still has it.
    const newest = written.get(conversationId) ?? '';
    engine.conversations.saveDraft.mutate({ id: conversationId, text: newest }).catch(() => {});
  };
  useEffect(() => {
    const flush = () => timer.current !== undefined && save.current();
    addEventListener('pagehide', flush);
    return () => {
      removeEventListener('pagehide', flush);
      flush();
    };
  }, []);
  const write = (next: string) => {
    setText(next);
    written.set(conversationId, asSent(next));
    clearTimeout(timer.current);
    timer.current = setTimeout(() => save.current(), PAUSE_MS);
  };
  return {
    text,
    write,
    asSent,
    /** Remembers whom a name stands for. */
    pick: (person: Mentionable) => {
      picked.current = [...picked.current.filter(({ name }) => name !== person.name), person];
    },
    /** The text was taken by the engine, which forgets the draft itself. */
    clear: () => {
      clearTimeout(timer.current);
      timer.current = undefined;
      setText('');
      written.set(conversationId, '');
    },
    /** Puts back what was not taken, before what has been written since; as it was sent. */
    putBack: (sent: string) => {
      const since = written.get(conversationId) ?? '';
      write(withNames([sent, since].filter((text) => text !== '').join('\n'), picked.current).text);
    },
  };
}
