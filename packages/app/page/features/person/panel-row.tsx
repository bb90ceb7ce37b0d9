import type { LucideIcon } from 'lucide-react';

interface PanelRowProps {
  readonly icon: LucideIcon;
  readonly label: string;
  /** How it is set now. */
  readonly value?: string;
  readonly danger?: boolean;
  readonly disabled?: boolean;
  readonly onClick: () => void;
}

/** One thing that can be set or done about a person. */
export function PanelRow({ icon: Icon, label, value, danger = false, disabled = false, onClick }: PanelRowProps) {
  return (
    <button
      type="button"
      disabled={disabled}
      onClick={onClick}
      className={`flex w-full items-center gap-2.5 border-b border-line py-[9px] text-left transition-colors last:border-0 disabled:opacity-55 ${danger ? 'text-danger enabled:hover:bg-danger-soft' : 'enabled:hover:bg-sunk'}`}
    >
      <Icon aria-hidden="true" className={`size-5 shrink-0 ${danger ? '' : 'text-soft'}`} strokeWidth={1.75} />
      <span className="min-w-0 flex-1">{label}</span>
      {value !== undefined && <bdi className="max-w-[45%] truncate text-ms text-faint">{value}</bdi>}
    </button>
  );
}
