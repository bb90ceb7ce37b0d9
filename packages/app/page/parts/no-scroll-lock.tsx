import { Slot } from 'radix-ui';
import type { ReactNode } from 'react';

/** Stands in for the `react-remove-scroll` package in the build: hands everything through, locks nothing. */
export function RemoveScroll({ as: Part = Slot.Root, children }: { as?: typeof Slot.Root; children?: ReactNode }) {
  return <Part>{children}</Part>;
}

RemoveScroll.classNames = { fullWidth: '', zeroRight: '' };
