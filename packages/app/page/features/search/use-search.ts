import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { engine, type SearchHit } from '../../engine/connection.ts';

/** What to look for; see the engine's own query. */
export interface Wanted {
  readonly text: string;
  readonly conversationId?: string;
  readonly author?: string;
  readonly after?: number;
  readonly before?: number;
  readonly hasAttachment?: boolean;
}

const PAUSE_MS = 120;

/** Searches messages a moment after the last key press; `hits` is `null` without anything to look for. */
export function useSearch(wanted: Wanted): { readonly hits: readonly SearchHit[] | null; readonly searching: boolean } {
  const key = JSON.stringify({ ...wanted, text: wanted.text.trim() });
  const [settled, setSettled] = useState(key);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(key), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [key]);
  const sent = JSON.parse(settled) as Wanted;
  const enabled = sent.text !== '';
  const answer = useQuery({
    queryKey: ['search', settled],
    queryFn: () => engine.messages.search.query(sent),
    enabled,
    staleTime: 0,
    gcTime: 0,
    placeholderData: keepPreviousData,
  });
  return { hits: enabled ? (answer.data ?? null) : null, searching: key !== settled || answer.isFetching };
}
