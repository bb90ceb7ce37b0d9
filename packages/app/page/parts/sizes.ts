const UNITS = ['byte', 'kilobyte', 'megabyte'] as const;

/** Bytes for people: `4.1 MB`. */
export function sizeOf(bytes: number, language: string): string {
  const step = bytes < 1_000 ? 0 : bytes < 999_500 ? 1 : 2;
  const value = bytes / 1_000 ** step;
  return new Intl.NumberFormat(language, {
    style: 'unit',
    unit: UNITS[step],
    unitDisplay: step === 0 ? 'long' : 'short',
    maximumFractionDigits: value < 10 && step > 0 ? 1 : 0,
  }).format(value);
}

/** Seconds of sound or film: `0:41`. */
export function playTime(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}
