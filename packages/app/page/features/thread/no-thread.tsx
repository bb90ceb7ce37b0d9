import { useTranslation } from 'react-i18next';
import { Button } from '../../parts/button.tsx';
import { Mark } from '../../parts/mark.tsx';

/** What stands beside the list while no conversation is chosen. */
export function NoThread({ onNew, onOwnId }: { onNew: () => void; onOwnId: () => void }) {
  const { t } = useTranslation();
  return (
    <div className="grid h-full place-items-center bg-sunk p-6 text-center">
      <div className="grid max-w-[360px] justify-items-center">
        <Mark />
        <h2 className="mt-4 text-l font-[650]">{t('home.title')}</h2>
        <p className="mt-1 text-balance text-soft">{t('home.text')}</p>
        <div className="mt-5 flex flex-wrap justify-center gap-2">
          <Button small look="primary" onClick={onNew}>
            {t('chats.new')}
          </Button>
          <Button small onClick={onOwnId}>
            {t('nav.ownId')}
          </Button>
        </div>
      </div>
    </div>
  );
}
