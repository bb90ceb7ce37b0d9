import { RadioGroup } from 'radix-ui';
import { useId } from 'react';

interface ChoicesProps<Value extends string> {
  readonly label: string;
  readonly value: Value;
  readonly choices: readonly { readonly value: Value; readonly label: string; readonly hint?: string }[];
  readonly onChange: (value: Value) => void;
}

/** One of a few, each explained. */
export function Choices<Value extends string>({ label, value, choices, onChange }: ChoicesProps<Value>) {
  const id = useId();
  return (
    <div>
      <h3 id={id} className="mb-1.5 text-ms font-semibold">
        {label}
      </h3>
      <RadioGroup.Root
        aria-labelledby={id}
        value={value}
        onValueChange={(next) => onChange(next as Value)}
        className="grid gap-2"
      >
        {choices.map((choice) => (
          <RadioGroup.Item
            key={choice.value}
            value={choice.value}
            className="group flex items-start gap-3 rounded-m border border-line bg-sunk px-3.5 py-2.5 text-left transition-colors hover:border-faint data-[state=checked]:border-accent data-[state=checked]:bg-accent-soft"
          >
            <span
              aria-hidden="true"
              className="mt-0.5 size-4 shrink-0 rounded-full border border-faint bg-surface group-data-[state=checked]:border-[5px] group-data-[state=checked]:border-accent"
            />
            <span className="min-w-0">
              <span className="block font-semibold">{choice.label}</span>
              {choice.hint !== undefined && <span className="block text-ms text-soft">{choice.hint}</span>}
            </span>
          </RadioGroup.Item>
        ))}
      </RadioGroup.Root>
    </div>
  );
}
