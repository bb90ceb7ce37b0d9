import { useTranslation } from 'react-i18next';
import type { NetworkInfo } from '../../engine/connection.ts';

/** The servers that tell a newcomer which nodes a chain lists. */
export function SeedList({ seeds }: NonNullable<NetworkInfo['chain']>) {
  const { t } = useTranslation();
  return (
    <ol className="grid gap-3">
      {seeds.map(({ url, verified }) => (
        <li key={url} className="rounded-m border border-line bg-sunk px-3.5 py-2.5">
          <p className="font-semibold wrap-anywhere">{URL.parse(url)?.host ?? url}</p>
          <p className={`text-ms ${verified ? 'text-soft' : 'text-warn'}`}>
            {t(verified ? 'network.seedVerified' : 'network.seedUnverified')}
          </p>
        </li>
      ))}
    </ol>
  );
}
