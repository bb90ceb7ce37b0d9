/**
 * Runs tasks beside each other until the signal aborts. If one fails, the others are stopped too.
 * Resolves when none runs any more; @throws what the first one failed with.
 */
export async function runTogether(
  signal: AbortSignal,
  tasks: readonly ((signal: AbortSignal) => Promise<void>)[],
): Promise<void> {
  const failing = new AbortController();
  const both = AbortSignal.any([signal, failing.signal]);
  const failures: unknown[] = [];
  await Promise.all(
    tasks.map(async (task) => {
      try {
        await task(both);
      } catch (error) {
        failures.push(error);
        failing.abort();
      }
    }),
  );
  if (failures.length > 0) throw failures[0];
}
