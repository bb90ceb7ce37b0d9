import { useMemo } from 'react';
import type { Conversation } from '../../../engine/connection.ts';
import { useConversations } from '../../../engine/queries.ts';
import { withoutTurns } from '../../../parts/directions.ts';
import type { Mentionable } from './mentions.ts';

/** Who can be mentioned here: the other side, then the people we know. */
export function useMentionable(conversation: Conversation, name: string): readonly Mentionable[] {
  const conversations = useConversations();
  const { id, isNoteToSelf } = conversation;
  return useMemo(() => {
    const others = (conversations ?? []).filter((other) => other.id !== id && !other.isRequest && !other.isNoteToSelf);
    return [
      ...(isNoteToSelf ? [] : [{ id, name }]),
      ...others.flatMap((other) => (other.name === null ? [] : [{ id: other.id, name: withoutTurns(other.name) }])),
    ];
  }, [conversations, id, isNoteToSelf, name]);
}
