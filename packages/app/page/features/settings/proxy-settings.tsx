import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { engine, type Settings } from '../../engine/connection.ts';
import { useRoute } from '../../engine/queries.ts';
import { useCommand } from '../../engine/use-command.ts';
import { useReasonText } from '../../engine/use-reason-text.ts';
import { Button } from '../../parts/button.tsx';
import { Field } from '../../parts/field.tsx';
import { SelectField } from '../../parts/select-field.tsx';

type Kind = 'none' | NonNullable<Settings['proxy']>['kind'];
const KINDS: readonly Kind[] = ['none', 'socks5', 'http'];
const USUAL_PORTS = { none: '', socks5: '9050', http: '8080' } as const;

/** A way through a proxy for everything that this profile sends and receives. */
export function ProxySettings({ proxy }: { proxy: Settings['proxy'] }) {
  const { t } = useTranslation();
  const reasonText = useReasonText();
  const trouble = useRoute()?.proxyProblem ?? null;
  const [kind, setKind] = useState<Kind>(proxy?.kind ?? 'none');
  const [host, setHost] = useState(proxy?.host ?? '127.0.0.1');
  const [port, setPort] = useState(String(proxy?.port ?? ''));
  const [username, setUsername] = useState(proxy?.username ?? '');
  const [password, setPassword] = useState(proxy?.password ?? '');
  const [problem, setProblem] = useState<'host' | 'port' | null>(null);
  const change = useCommand((next: Settings['proxy']) => engine.settings.set.mutate({ proxy: next }));
  const forget = () => {
    setProblem(null);
    change.forget();
  };
  const choose = (next: Kind) => {
    setKind(next);
    if (port === '' || port === USUAL_PORTS[kind]) setPort(USUAL_PORTS[next]);
    forget();
    if (next === 'none' && proxy !== null) change.run(null);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (kind === 'none') return;
    const number = /^\d{1,5}$/.test(port) ? Number(port) : 0;
    const found = !/^[^\s/@]+$/.test(host.trim()) ? 'host' : number < 1 || number > 65_535 ? 'port' : null;
    setProblem(found);
    if (found !== null) return;
    const login = username === '' ? {} : { username, password };
    change.run({ kind, host: host.trim(), port: number, ...login });
  };
  return (
    <form onSubmit={submit} className="grid gap-3">
      <SelectField
        label={t('proxy.kind')}
        value={kind}
        onChange={choose}
        choices={KINDS.map((each) => [each, t(`proxy.kinds.${each}`)])}
        hint={t(`proxy.hint.${kind}`)}
      />
      {kind !== 'none' && (
        <>
          <div className="grid grid-cols-[minmax(0,1fr)_110px] gap-3">
            <Field
              label={t('proxy.host')}
              value={host}
              onChange={(event) => {
                setHost(event.target.value);
                forget();
              }}
              autoComplete="off"
              autoCapitalize="none"
              spellCheck={false}
              maxLength={253}
              problem={problem === 'host' ? t('proxy.badHost') : undefined}
            />
            <Field
              label={t('proxy.port')}
              value={port}
              onChange={(event) => {
                setPort(event.target.value);
                forget();
              }}
              inputMode="numeric"
              autoComplete="off"
              maxLength={5}
              problem={problem === 'port' ? t('proxy.badPort') : undefined}
            />
          </div>
          <div className="grid grid-cols-2 gap-3 max-[420px]:grid-cols-1">
            <Field
              label={t('proxy.username')}
              value={username}
              onChange={(event) => {
                setUsername(event.target.value);
                forget();
              }}
              autoComplete="off"
              autoCapitalize="none"
              spellCheck={false}
              maxLength={255}
            />
            <Field
              label={t('proxy.password')}
              type="password"
              value={password}
              onChange={(event) => {
                setPassword(event.target.value);
                forget();
              }}
              autoComplete="off"
              maxLength={255}
            />
          </div>
        </>
      )}
      <div className="flex items-center gap-3 has-[>:only-child:empty]:hidden">
        {kind !== 'none' && (
          <Button type="submit" small disabled={change.running}>
            {t('proxy.use')}
          </Button>
        )}
        <p role="status" className="text-ms text-soft">
          {change.done && t(kind === 'none' ? 'proxy.off' : 'proxy.on')}
        </p>
      </div>
      <p role="alert" className="text-ms text-danger empty:hidden">
        {trouble !== null && kind !== 'none' ? t(`proxy.problem.${trouble}`) : reasonText(change.reason)}
      </p>
    </form>
  );
}
