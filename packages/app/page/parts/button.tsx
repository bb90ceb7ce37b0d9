import type { ButtonHTMLAttributes, ReactNode } from 'react';

const LOOKS = {
  primary: 'bg-accent text-on-accent border-transparent enabled:hover:brightness-110',
  plain: 'border-line enabled:hover:bg-sunk',
  danger: 'border-line text-danger enabled:hover:bg-danger-soft',
} as const;

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly look?: keyof typeof LOOKS;
  readonly small?: boolean;
}

/** A button with words on it. */
export function Button({ look = 'plain', small = false, className = '', type = 'button', ...rest }: ButtonProps) {
  const size = small ? 'px-3.5 py-1.5 text-ms' : 'px-4 py-3';
  return (
    <button
      type={type}
      className={`inline-flex items-center justify-center gap-2 rounded-m border font-semibold transition active:scale-[.985] disabled:cursor-default disabled:opacity-55 ${size} ${LOOKS[look]} ${className}`}
      {...rest}
    />
  );
}

interface IconButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly label: string;
  readonly solid?: boolean;
  readonly children: ReactNode;
}

/** A square button with a picture; `label` says what it does. */
export function IconButton({ label, solid = false, className = '', type = 'button', ...rest }: IconButtonProps) {
  const look = solid
    ? 'bg-accent text-on-accent enabled:hover:brightness-110'
    : 'text-soft enabled:hover:bg-[color-mix(in_srgb,var(--line)_55%,transparent)] enabled:hover:text-ink';
  return (
    <button
      type={type}
      aria-label={label}
      title={label}
      className={`grid size-9 shrink-0 place-items-center rounded-m transition active:scale-95 disabled:cursor-default disabled:opacity-50 ${look} ${className}`}
      {...rest}
    />
  );
}
