import { useTranslation } from 'react-i18next';
import { useAccount } from '../../engine/queries.ts';
import { AccountId, CopyButton } from '../../parts/account-id.tsx';
import { QrCode } from '../../parts/qr-code.tsx';
import { Sheet } from '../../parts/sheet.tsx';

/** The own account id, to be given away. */
export function OwnId({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const account = useAccount();
  return (
    <Sheet title={t('ownId.title')} onClose={onClose}>
      {account !== undefined && (
        <div className="grid gap-3">
          <p className="text-soft">{t('ownId.text')}</p>
          <div className="mx-auto w-[220px] py-1">
            <QrCode text={account.accountId} label={t('ownId.qr')} />
          </div>
          {account.name !== '' && (
            <p className="text-center text-l font-semibold wrap-anywhere">
              <bdi>{account.name}</bdi>
            </p>
          )}
          <AccountId id={account.accountId} />
          <CopyButton text={account.accountId} label={t('ownId.copy')} />
        </div>
      )}
    </Sheet>
  );
}
