import { useTranslation } from 'react-i18next';

const UNITS = [
  ['week', 604_800],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
] as const;

/** A span of time (seconds) in whole units of the largest that fits: `2 weeks` or `2w`. */
export function useDuration(): (seconds: number, style: 'long' | 'narrow') => string {
  const { i18n } = useTranslation();
  return (seconds, style) => {
    const [unit, size] = UNITS.find(([, each]) => seconds >= each) ?? UNITS[4];
    const whole = Math.round(seconds / size);
    return new Intl.NumberFormat(i18n.language, { style: 'unit', unit, unitDisplay: style }).format(whole);
  };
}
