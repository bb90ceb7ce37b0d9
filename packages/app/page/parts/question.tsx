import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from './button.tsx';
import { Sheet } from './sheet.tsx';

interface QuestionProps {
  readonly title: string;
  /** What happens, and what does not. */
  readonly children: ReactNode;
  readonly action: string;
  readonly running: boolean;
  readonly problem: string | undefined;
  readonly onYes: () => void;
  readonly onClose: () => void;
}

/** Asks before something that cannot be taken back. */
export function Question({ title, children, action, running, problem, onYes, onClose }: QuestionProps) {
  const { t } = useTranslation();
  return (
    <Sheet title={title} onClose={onClose}>
      <div className="grid gap-4">
        <div className="grid gap-2 text-soft">{children}</div>
        <p role="alert" className="text-ms text-danger empty:hidden">
          {problem}
        </p>
        <div className="grid gap-2.5">
          <Button look="danger" disabled={running} onClick={onYes}>
            {action}
          </Button>
          <Button autoFocus disabled={running} onClick={onClose}>
            {t('common.cancel')}
          </Button>
        </div>
      </div>
    </Sheet>
  );
}
