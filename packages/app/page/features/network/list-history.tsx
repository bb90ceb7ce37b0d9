import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { NetworkInfo } from '../../engine/connection.ts';
import { Button } from '../../parts/button.tsx';
import { listOf } from '../../parts/lists.ts';
import { useMoment } from '../../parts/use-moment.ts';
import { shortKey } from './key-text.tsx';

const SHOWN_FIRST = 8;

type Network = Pick<NetworkInfo, 'history' | 'authorities'>;

/** Who signed the lists that this device has seen, newest first. */
export function ListHistory({ history, authorities }: Network) {
  const { t, i18n } = useTranslation();
  const moment = useMoment();
  const [all, setAll] = useState(false);
  const entries = history.toReversed();
  const nameOf = (key: string) => {
    const at = authorities.findIndex((authority) => authority.key === key);
    return at < 0 ? t('network.formerAuthority', { key: shortKey(key) }) : String(at + 1);
  };
  return (
    <>
      <p className="mb-3 text-soft">{t('network.historyText')}</p>
      <ol>
        {(all ? entries : entries.slice(0, SHOWN_FIRST)).map((entry) => (
          <li
            // Two lists may have the same number, but not of the same signers.
            key={`${entry.number} ${entry.contradicts} ${entry.signers.join()}`}
            className={`border-b border-line py-2 last:border-0 ${entry.contradicts ? 'text-warn' : ''}`}
          >
            <p className="flex flex-wrap justify-between gap-x-4">
              <span className="font-semibold">{t('network.listName', { number: entry.number })}</span>
              <span className={`text-ms ${entry.contradicts ? '' : 'text-soft'}`}>{moment(entry.validFrom)}</span>
            </p>
            <p className={`text-ms ${entry.contradicts ? '' : 'text-soft'}`}>
              {t('network.signers', {
                count: entry.signers.length,
                signers: listOf(entry.signers.map(nameOf), i18n.language),
              })}
              {' · '}
              {t('network.nodeCount', { count: entry.nodes })}
            </p>
            {entry.contradicts && <p className="text-ms font-semibold">{t('network.contradicts')}</p>}
          </li>
        ))}
      </ol>
      {!all && entries.length > SHOWN_FIRST && (
        <Button small className="mt-3" onClick={() => setAll(true)}>
          {t('network.showAll', { count: entries.length })}
        </Button>
      )}
    </>
  );
}
