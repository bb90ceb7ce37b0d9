import type { ReactNode } from 'react';

interface FileButtonProps {
  /** What the browser's dialog offers, as for `<input accept>`. */
  readonly accept: string;
  readonly onFile: (file: File) => void;
  readonly disabled?: boolean;
  readonly children: ReactNode;
}

/** A button that asks for one file; the same file may be chosen again. */
export function FileButton({ accept, onFile, disabled = false, children }: FileButtonProps) {
  return (
    <label
      className={`inline-flex items-center justify-center gap-2 rounded-m border border-line px-3.5 py-1.5 text-ms font-semibold transition has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent ${disabled ? 'opacity-55' : 'cursor-pointer hover:bg-sunk'}`}
    >
      {children}
      <input
        type="file"
        accept={accept}
        disabled={disabled}
        className="sr-only"
        onChange={(event) => {
          const file = event.target.files?.[0];
          if (file !== undefined) onFile(file);
          event.target.value = '';
        }}
      />
    </label>
  );
}
