import { useTranslation } from 'react-i18next';
import { KeyText } from './key-text.tsx';

interface AuthorityListProps {
  readonly authorities: readonly {
    readonly key: string;
    readonly urls: readonly string[];
    readonly signed?: boolean;
  }[];
}

/** Who signs the lists of a network's nodes: where they publish, and their keys to compare. */
export function AuthorityList({ authorities }: AuthorityListProps) {
  const { t } = useTranslation();
  return (
    <ol className="grid gap-3">
      {authorities.map(({ key, urls, signed }, at) => (
        <li key={key} className="rounded-m border border-line bg-sunk px-3.5 py-2.5">
          <p className="flex flex-wrap items-baseline justify-between gap-x-3">
            <span className="font-semibold">{t('network.authority', { number: at + 1 })}</span>
            {signed !== undefined && (
              <span className={`text-s ${signed ? 'text-accent' : 'text-faint'}`}>
                {t(signed ? 'network.signed' : 'network.notSigned')}
              </span>
            )}
          </p>
          <p className="mb-1 text-ms text-soft wrap-anywhere empty:hidden">{urls.map(hostOf).join(', ')}</p>
          <KeyText value={key} />
        </li>
      ))}
    </ol>
  );
}

function hostOf(url: string): string {
  return URL.parse(url)?.host ?? url;
}
