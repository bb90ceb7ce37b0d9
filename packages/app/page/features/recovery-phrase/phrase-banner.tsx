import { KeyRound, X } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSettings } from '../../engine/queries.ts';
import { Button, IconButton } from '../../parts/button.tsx';

/** A gentle reminder above the chats until the phrase is written down; gone for this visit when put off. */
export function PhraseBanner({ onOpen }: { onOpen: () => void }) {
  const { t } = useTranslation();
  const settings = useSettings();
  const [dismissed, setDismissed] = useState(false);
  if (settings === undefined || settings.phraseConfirmed || dismissed) return null;
  return (
    <aside className="mx-4 mb-3 rounded-m border border-line bg-surface py-2.5 pr-1.5 pl-3 text-ms">
      <div className="flex items-start gap-2.5">
        <KeyRound aria-hidden="true" className="mt-0.5 size-4 shrink-0 text-warn" strokeWidth={1.75} />
        <div className="min-w-0 flex-1">
          <p className="font-semibold">{t('phrase.bannerTitle')}</p>
          <p className="mt-0.5 text-soft">{t('phrase.bannerText')}</p>
          <Button small className="mt-2" onClick={onOpen}>
            {t('phrase.bannerAction')}
          </Button>
        </div>
        <IconButton label={t('phrase.bannerDismiss')} className="size-7!" onClick={() => setDismissed(true)}>
          <X className="size-4" strokeWidth={1.75} />
        </IconButton>
      </div>
    </aside>
  );
}
