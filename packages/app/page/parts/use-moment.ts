import { useTranslation } from 'react-i18next';

/** A moment (ms) with its day and time: `23 Nov 2026, 09:42`. */
export function useMoment(): (at: number) => string {
  const { i18n } = useTranslation();
  // English of the United States puts the month first; the day first reads everywhere.
  const locale = i18n.language === 'en' ? 'en-GB' : i18n.language;
  const format = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' });
  return (at) => format.format(at);
}
