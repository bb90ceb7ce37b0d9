const DAY_MS = 86_400_000;

/** `09:42` */
export function timeOfDay(at: number, language: string): string {
  return new Intl.DateTimeFormat(language, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(at);
}

/** Whole days of the calendar from `at` to now. */
export function daysAgo(at: number, now = Date.now()): number {
  return Math.round((startOfDay(now) - startOfDay(at)) / DAY_MS);
}

/** Short, for a list: `09:42`, `Sat`, `12 Nov`, `12 Nov 2025`. */
export function shortDate(at: number, language: string): string {
  const days = daysAgo(at);
  if (days <= 0) return timeOfDay(at, language);
  if (days < 7) return new Intl.DateTimeFormat(language, { weekday: 'short' }).format(at);
  return dayAndMonth(at, language, 'short');
}

/** For a line between days: `Saturday`, `12 November`, `12 November 2025`. */
export function dayName(at: number, language: string): string {
  if (daysAgo(at) < 7) return new Intl.DateTimeFormat(language, { weekday: 'long' }).format(at);
  return dayAndMonth(at, language, 'long');
}

function dayAndMonth(at: number, language: string, month: 'short' | 'long'): string {
  const thisYear = new Date(at).getFullYear() === new Date().getFullYear();
  // English of the United States puts the month first; the day first reads everywhere.
  const locale = language === 'en' ? 'en-GB' : language;
  return new Intl.DateTimeFormat(locale, { day: 'numeric', month, ...(thisYear ? {} : { year: 'numeric' }) }).format(
    at,
  );
}

function startOfDay(at: number): number {
  return new Date(at).setHours(0, 0, 0, 0);
}
