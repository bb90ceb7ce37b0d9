import type { Wanted } from './use-search.ts';

/** What narrows a search: by whom (account id), from and until which day (`2026-11-23`), and whether a file is with it. */
export interface SearchFilters {
  readonly author: string;
  readonly from: string;
  readonly until: string;
  readonly hasAttachment: boolean;
}

export const NO_FILTERS: SearchFilters = { author: '', from: '', until: '', hasAttachment: false };

/** The filters as the engine takes them: days begin and end in local time. */
export function wantedOf(text: string, { author, from, until, hasAttachment }: SearchFilters): Wanted {
  return {
    text,
    ...(author === '' ? {} : { author }),
    ...(from === '' ? {} : { after: startOf(from) }),
    ...(until === '' ? {} : { before: startOf(until, 1) }),
    ...(hasAttachment ? { hasAttachment } : {}),
  };
}

function startOf(day: string, later = 0): number {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  return Math.max(0, new Date(year, month - 1, date + later).getTime());
}
