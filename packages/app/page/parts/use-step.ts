import { useEffect, useState } from 'react';

interface Steps<Step extends string> {
  readonly step: Step;
  readonly go: (next: Step) => void;
  /** To where the last `go` came from. */
  readonly back: () => void;
}

/**
 * Which of several screens one is at, the first of `steps` to begin with. The browser's own Back works, and a reload
 * stays; the address never changes.
 */
export function useStep<Step extends string>(steps: readonly [Step, ...Step[]]): Steps<Step> {
  const read = () => steps.find((each) => each === (history.state as { step?: unknown } | null)?.step) ?? steps[0];
  const [step, setStep] = useState(read);
  useEffect(() => {
    const follow = () => setStep(read);
    addEventListener('popstate', follow);
    return () => removeEventListener('popstate', follow);
  });
  return {
    step,
    go: (next) => {
      history.pushState({ step: next }, '');
      setStep(next);
    },
    back: () => history.back(),
  };
}
