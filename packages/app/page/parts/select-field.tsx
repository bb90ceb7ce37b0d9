import { ChevronDown } from 'lucide-react';
import { useId } from 'react';

interface SelectFieldProps<Value extends string> {
  readonly label: string;
  readonly value: Value;
  /** Values with their names, in order. */
  readonly choices: readonly (readonly [Value, string])[];
  readonly onChange: (value: Value) => void;
  readonly hint?: string | undefined;
  readonly disabled?: boolean;
}

/** One of several, from the browser's own list. */
export function SelectField<Value extends string>(props: SelectFieldProps<Value>) {
  const { label, value, choices, onChange, hint, disabled = false } = props;
  const id = useId();
  return (
    <div>
      <label htmlFor={id} className="mb-1.5 block text-ms font-semibold">
        {label}
      </label>
      <div className="relative">
        <select
          id={id}
          value={value}
          disabled={disabled}
          aria-describedby={hint === undefined ? undefined : `${id}-hint`}
          onChange={(event) => onChange(event.target.value as Value)}
          className="w-full appearance-none rounded-m border border-line bg-sunk px-3.5 py-2.5 pr-10 disabled:opacity-55"
        >
          {choices.map(([choice, name]) => (
            <option key={choice} value={choice}>
              {name}
            </option>
          ))}
        </select>
        <ChevronDown
          aria-hidden="true"
          className="pointer-events-none absolute top-1/2 right-3 size-4 -translate-y-1/2 text-soft"
          strokeWidth={1.75}
        />
      </div>
      {hint !== undefined && (
        <p id={`${id}-hint`} className="mt-1.5 text-ms text-soft">
          {hint}
        </p>
      )}
    </div>
  );
}
