/** Long work on bytes, in steps of a few milliseconds: between two of them the caller may let others run. */
export type Steps<Result> = Generator<undefined, Result, undefined>;

/** How many bytes one step works on. */
export const STEP_BYTES = 262_144;

/** Does all steps at once. @throws what the work throws. */
export function runSteps<Result>(steps: Steps<Result>): Result {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** Does the steps one by one and rests in between; `rest` may throw to end the work. @throws what work or rest throws. */
export async function runStepsResting<Result>(steps: Steps<Result>, rest: () => Promise<void>): Promise<Result> {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    await rest();
  }
}

/** Views of `bytes`, at most {@link STEP_BYTES} long each. */
export function* slices(bytes: Uint8Array): Generator<Uint8Array, void, undefined> {
  for (let start = 0; start < bytes.length; start += STEP_BYTES) yield bytes.subarray(start, start + STEP_BYTES);
}
