import { Tabs } from 'radix-ui';
import { useTranslation } from 'react-i18next';
import { useAccount } from '../../engine/queries.ts';
import { AccountId, CopyButton } from '../../parts/account-id.tsx';
import { QrCode } from '../../parts/qr/qr-code.tsx';
import { Sheet } from '../../parts/sheet.tsx';
import { ContactLink } from './contact-link.tsx';

const TAB =
  'rounded-s px-3 py-1.5 text-ms font-semibold text-soft transition-colors hover:text-ink data-[state=active]:bg-surface data-[state=active]:text-accent data-[state=active]:shadow-sheet';

/** How others can reach this account: its id, or a link that lets them write at once. */
export function OwnId({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const account = useAccount();
  return (
    <Sheet title={t('ownId.title')} onClose={onClose}>
      {account !== undefined && (
        <Tabs.Root defaultValue="id">
          <Tabs.List aria-label={t('ownId.title')} className="mb-4 grid grid-cols-2 gap-1 rounded-m bg-sunk p-1">
            <Tabs.Trigger value="id" className={TAB}>
              {t('ownId.tabId')}
            </Tabs.Trigger>
            <Tabs.Trigger value="link" className={TAB}>
              {t('ownId.tabLink')}
            </Tabs.Trigger>
          </Tabs.List>
          <Tabs.Content value="id" className="grid gap-3" tabIndex={-1}>
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
          </Tabs.Content>
          <Tabs.Content value="link" className="grid gap-3" tabIndex={-1}>
            <ContactLink />
          </Tabs.Content>
        </Tabs.Root>
      )}
    </Sheet>
  );
}
