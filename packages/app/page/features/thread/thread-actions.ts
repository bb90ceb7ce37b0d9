import { createContext, useContext } from 'react';
import type { Attachment, Message } from '../../engine/connection.ts';

/** What can be done from a message; one set for the whole thread. */
export interface ThreadActions {
  /** Opens the menu of a message at a place of the window, in px; `anchor` takes the focus back. */
  menu(message: Message, place: { readonly x: number; readonly y: number }, anchor: HTMLElement | null): void;
  pickReaction(message: Message, place: { readonly x: number; readonly y: number }): void;
  react(message: Message, emoji: string, on: boolean): void;
  reply(message: Message): void;
  edit(message: Message): void;
  remove(message: Message): void;
  info(message: Message): void;
  /** Goes to a message, such as one that was quoted. */
  jump(messageId: string): void;
  /** Shows a picture or film of a message large. */
  view(message: Message, attachment: Attachment): void;
}

const Context = createContext<ThreadActions | null>(null);

export const ThreadActionsProvider = Context.Provider;

export function useThreadActions(): ThreadActions {
  const actions = useContext(Context);
  if (actions === null) throw new Error('a message stands outside of a thread');
  return actions;
}
