import { useTranslation } from 'react-i18next';
import type { Conversation } from '../../engine/connection.ts';
import { Button } from '../../parts/button.tsx';

interface BeginningProps {
  readonly conversation: Conversation;
  readonly loading: boolean;
  readonly failed: boolean;
  readonly onRetry: () => void;
}

/** What stands in place of messages while there are none. */
export function Beginning({ conversation: { name, isNoteToSelf }, loading, failed, onRetry }: BeginningProps) {
  const { t } = useTranslation();
  if (failed) {
    return (
      <div className="grid place-content-center justify-items-center gap-3 p-6 text-center">
        <p role="alert" className="text-danger">
          {t('thread.loadFailed')}
        </p>
        <Button small onClick={onRetry}>
          {t('thread.loadAgain')}
        </Button>
      </div>
    );
  }
  if (loading) return <div aria-busy="true" />;
  const known = name === null ? t('thread.emptyUnnamed') : t('thread.emptyText', { name });
  return (
    <div className="grid place-items-center p-6 text-center">
      <div className="max-w-[340px]">
        <p className="font-semibold">{t('thread.emptyTitle')}</p>
        <p className="mt-1 text-balance text-soft">{isNoteToSelf ? t('thread.emptySelf') : known}</p>
      </div>
    </div>
  );
}
