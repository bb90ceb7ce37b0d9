import { useTranslation } from 'react-i18next';
import type { NetworkInfo } from '../../engine/connection.ts';
import { listOf } from '../../parts/lists.ts';
import { shortKey } from './key-text.tsx';

/** Each change of who decides, and who agreed to it. */
export function Successions({ successions }: Pick<NetworkInfo, 'successions'>) {
  const { t, i18n } = useTranslation();
  const keys = (list: readonly string[]) => listOf(list.map(shortKey), i18n.language);
  return (
    <ol>
      {successions.map(({ number, threshold, authorities, signers }) => (
        <li key={number} className="border-b border-line py-2 first:pt-0 last:border-0 last:pb-0">
          <p className="font-semibold">{t('network.succession', { number })}</p>
          <p className="text-ms text-soft">
            {t('network.successionTo', { threshold, count: authorities.length, authorities: keys(authorities) })}
          </p>
          <p className="text-ms text-soft">{t('network.successionBy', { signers: keys(signers) })}</p>
        </li>
      ))}
    </ol>
  );
}
