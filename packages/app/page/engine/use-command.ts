import { useMutation } from '@tanstack/react-query';
import { reasonOf } from './connection.ts';

/** A command to the engine: running it, whether it runs or is done, and the stable word for why it failed. */
export function useCommand<Input, Output>(run: (input: Input) => Promise<Output>, done?: (output: Output) => void) {
  const mutation = useMutation({ mutationFn: run, onSuccess: (output) => done?.(output), gcTime: 0 });
  return {
    run: mutation.mutate,
    running: mutation.isPending,
    done: mutation.isSuccess,
    reason: mutation.error === null ? null : reasonOf(mutation.error),
    forget: mutation.reset,
  };
}
