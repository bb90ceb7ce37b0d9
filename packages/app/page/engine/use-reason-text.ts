import { useTranslation } from 'react-i18next';
import type en from '../strings/en.json';

/** Turns the stable word for a failure into a sentence; `undefined` if nothing failed. */
export function useReasonText(): (reason: string | null) => string | undefined {
  const { t, i18n } = useTranslation();
  return (reason) => {
    if (reason === null) return undefined;
    return t(`errors.${i18n.exists(`errors.${reason}`) ? (reason as keyof typeof en.errors) : 'internal'}`);
  };
}
