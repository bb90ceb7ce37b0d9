import { useTranslation } from 'react-i18next';

/** Says that the other side writes now. */
export function TypingLine({ name, typing }: { name: string; typing: boolean }) {
  const { t } = useTranslation();
  return (
    <p role="status" className="bg-sunk px-6 text-s text-soft narrow:px-3">
      {typing && (
        <span className="flex items-center gap-2 pb-2">
          <span aria-hidden="true" className="hops-searching flex gap-1">
            <i className="hop" />
            <i className="hop" />
            <i className="hop" />
          </span>
          {t('thread.typing', { name })}
        </span>
      )}
    </p>
  );
}
