import { type FormEvent, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { engine, type Settings } from '../../engine/connection.ts';
import { useRoute } from '../../engine/queries.ts';
import { useCommand } from '../../engine/use-command.ts';
import { useReasonText } from '../../engine/use-reason-text.ts';
import { Button } from '../../parts/button.tsx';
import { draftOf, type ProxyDraft, type ProxyMistake, readDraft } from '../proxy/proxy-draft.ts';
import { ProxyFields } from '../proxy/proxy-fields.tsx';

/** A way through a proxy for everything that this profile sends and receives. */
export function ProxySettings({ proxy }: { proxy: Settings['proxy'] }) {
  const { t } = useTranslation();
  const reasonText = useReasonText();
  const trouble = useRoute()?.proxyProblem ?? null;
  const form = useRef<HTMLFormElement>(null);
  const [draft, setDraft] = useState(() => draftOf(proxy));
  const [found, setFound] = useState<{ readonly mistake: ProxyMistake } | null>(null);
  const change = useCommand(async (next: Settings['proxy']) => {
    await engine.settings.set.mutate({ proxy: next });
    // The button that was pressed goes away.
    if (next === null) form.current?.querySelector('select')?.focus();
  });
  // Another window may change it.
  useEffect(() => setDraft(draftOf(proxy)), [proxy]);
  const direct = draft.kind === 'none';
  const edit = (next: ProxyDraft) => {
    setDraft(next);
    setFound(null);
    change.forget();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const read = readDraft(draft);
    if ('mistake' in read) return setFound(read);
    setFound(null);
    change.run(read.proxy);
  };
  return (
    <form ref={form} onSubmit={submit} className="grid gap-3">
      <ProxyFields draft={draft} onDraft={edit} found={found} />
      <div className="flex flex-wrap items-center gap-3 has-[>:only-child:empty]:hidden">
        {/* A list of choices can change under an arrow key: nothing goes around a proxy before the button. */}
        {!(direct && proxy === null) && (
          <Button type="submit" small>
            {t(direct ? 'proxy.leave' : 'proxy.use')}
          </Button>
        )}
        <p role="status" className="text-ms text-soft">
          {change.done && t(direct ? 'proxy.off' : 'proxy.on')}
        </p>
      </div>
      <p role="alert" className="text-ms text-danger empty:hidden">
        {trouble !== null && !direct ? t(`proxy.problem.${trouble}`) : reasonText(change.reason)}
      </p>
    </form>
  );
}
