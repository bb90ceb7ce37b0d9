import { useTranslation } from 'react-i18next';
import type { RouteInfo } from '../../engine/connection.ts';

type Place = RouteInfo['relays'][number]['role'] | 'mailbox';

/** What each stop of a message learns, and what it does not (docs/threat-model.md). */
const LEARNS = {
  guard: { knows: ['ip'], not: ['who', 'what'] },
  middle: { knows: ['twoRelays'], not: ['ip', 'what'] },
  exit: { knows: ['nextMailbox'], not: ['ip', 'what'] },
  mailbox: { knows: ['sealed'], not: ['from', 'what'] },
} as const satisfies Record<Place, unknown>;

interface RouteStopsProps {
  readonly route: RouteInfo;
  readonly mailbox: string;
  /** How many nodes keep that mailbox; `null` for no mailbox in particular. */
  readonly copies: number | null;
}

/** The live way of a message: the three relays in use, then a mailbox. */
export function RouteStops({ route, mailbox, copies }: RouteStopsProps) {
  const { t } = useTranslation();
  if (route.relays.length === 0) {
    return <p className="text-soft">{t(route.state === 'offline' ? 'route.noPath' : 'route.building')}</p>;
  }
  return (
    <ol className="route">
      {route.relays.map((relay) => (
        <Stop key={relay.key} at={relay.role} name={t(`route.${relay.role}`)} detail={relay.address} />
      ))}
      <Stop at="mailbox" name={mailbox} detail={copies === null ? null : t('route.copies', { count: copies })} />
    </ol>
  );
}

function Stop({ at, name, detail }: { at: Place; name: string; detail: string | null }) {
  const { t } = useTranslation();
  const chip = 'rounded-full px-2 py-0.5 text-[11.5px]';
  return (
    <li>
      <b className="font-semibold">{name}</b>
      {detail !== null && <span className="text-faint"> · {detail}</span>}
      <p className="mt-1.5 flex flex-wrap gap-1.5">
        <span className="sr-only">{t('route.knowsLabel')}</span>
        {LEARNS[at].knows.map((what) => (
          <span key={what} className={`${chip} bg-accent-soft text-accent`}>
            {t(`route.knows.${what}`)}
          </span>
        ))}
        <span className="sr-only">{t('route.notLabel')}</span>
        {LEARNS[at].not.map((what) => (
          <s key={what} className={`${chip} border border-line text-faint`}>
            {t(`route.not.${what}`)}
          </s>
        ))}
      </p>
    </li>
  );
}
