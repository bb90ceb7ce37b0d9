/** Also between attempts while this machine has no connection, which count as no failures. */
export const FIRST_PAUSE_MS = 30_000;
const SECOND_PAUSE_MS = 1_800_000;
const MOST_FAILURES = 3;

/**
 * How long to wait after so many failures in a row, ms; `null` after the third, which is the last (messages §5.16: its
 * third pause, of six hours, would follow a failure that ends the matter).
 */
export function pauseAfter(failures: number): number | null {
  if (failures >= MOST_FAILURES) return null;
  return failures === 1 ? FIRST_PAUSE_MS : SECOND_PAUSE_MS;
}
