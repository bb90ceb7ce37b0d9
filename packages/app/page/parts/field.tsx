import { type InputHTMLAttributes, type ReactNode, type Ref, type TextareaHTMLAttributes, useId } from 'react';

const BOX =
  'w-full rounded-m border bg-sunk px-3.5 py-2.5 text-ink outline-none transition-shadow focus:border-accent focus:shadow-[0_0_0_3px_var(--accent-soft)]';

interface Around {
  readonly label: string;
  readonly hint?: ReactNode;
  /** What is wrong; said aloud when it appears. */
  readonly problem?: ReactNode;
}

interface FieldProps extends Around, InputHTMLAttributes<HTMLInputElement> {
  readonly ref?: Ref<HTMLInputElement>;
}

/** One line of input with its label, hint and problem. */
export function Field({ label, hint, problem, className = '', ...rest }: FieldProps) {
  const id = useId();
  return (
    <Frame id={id} label={label} hint={hint} problem={problem}>
      <input id={id} {...described(id, hint, problem)} className={`${BOX} ${border(problem)} ${className}`} {...rest} />
    </Frame>
  );
}

interface AreaProps extends Around, TextareaHTMLAttributes<HTMLTextAreaElement> {
  readonly ref?: Ref<HTMLTextAreaElement>;
}

/** Several lines of input. */
export function Area({ label, hint, problem, className = '', ...rest }: AreaProps) {
  const id = useId();
  return (
    <Frame id={id} label={label} hint={hint} problem={problem}>
      <textarea
        id={id}
        {...described(id, hint, problem)}
        className={`block resize-none ${BOX} ${border(problem)} ${className}`}
        {...rest}
      />
    </Frame>
  );
}

function Frame({ id, label, hint, problem, children }: Around & { id: string; children: ReactNode }) {
  return (
    <div>
      <label htmlFor={id} className="mb-1.5 block text-ms font-semibold">
        {label}
      </label>
      {children}
      {hint !== undefined && (
        <p id={`${id}-hint`} className="mt-1.5 text-ms text-soft">
          {hint}
        </p>
      )}
      <div id={`${id}-problem`} role="alert" className="text-ms text-danger">
        {problem !== undefined && <div className="mt-1.5">{problem}</div>}
      </div>
    </div>
  );
}

function described(id: string, hint: ReactNode, problem: ReactNode) {
  const ids = [hint !== undefined && `${id}-hint`, problem !== undefined && `${id}-problem`].filter(Boolean);
  return { 'aria-describedby': ids.join(' ') || undefined, 'aria-invalid': problem !== undefined };
}

function border(problem: ReactNode): string {
  return problem === undefined ? 'border-line' : 'border-danger';
}
