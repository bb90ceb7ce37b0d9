import { Switch } from 'radix-ui';
import { type ReactNode, useId } from 'react';

interface SwitchRowProps {
  readonly label: string;
  /** What turning it on means, in a sentence. */
  readonly hint: ReactNode;
  readonly on: boolean;
  readonly disabled?: boolean;
  readonly onChange: (on: boolean) => void;
}

/** Something that is on or off, explained. */
export function SwitchRow({ label, hint, on, disabled = false, onChange }: SwitchRowProps) {
  const id = useId();
  return (
    <div className="flex items-start gap-4 border-b border-line py-3 first:pt-0 last:border-0 last:pb-0">
      <div className="min-w-0 flex-1">
        <label htmlFor={id} className="block font-semibold">
          {label}
        </label>
        <p id={`${id}-hint`} className="mt-0.5 text-ms text-soft">
          {hint}
        </p>
      </div>
      <Switch.Root
        id={id}
        checked={on}
        disabled={disabled}
        onCheckedChange={onChange}
        aria-describedby={`${id}-hint`}
        className="mt-0.5 h-6 w-10.5 shrink-0 rounded-full border border-line bg-[color-mix(in_srgb,var(--ink-faint)_35%,var(--surface))] p-[3px] transition-colors disabled:opacity-55 data-[state=checked]:border-transparent data-[state=checked]:bg-accent"
      >
        <Switch.Thumb className="block size-4 rounded-full bg-surface transition-transform data-[state=checked]:translate-x-[18px]" />
      </Switch.Root>
    </div>
  );
}
