import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Settings } from '../../engine/connection.ts';
import { draftOf, type ProxyDraft, type ProxyMistake, readDraft } from './proxy-draft.ts';
import { ProxyFields } from './proxy-fields.tsx';

/** The way of an account that is about to begin. It lies in this window's memory alone. */
export interface FirstWay {
  readonly draft: ProxyDraft;
  readonly found: { readonly mistake: ProxyMistake } | null;
  readonly change: (draft: ProxyDraft) => void;
  /** Runs something with the proxy that was chosen (`null`: none), or shows what is wrong with it. */
  readonly take: (use: (proxy: Settings['proxy']) => void) => void;
}

/** Remembers a choice over the steps that lead to an account. */
export function useFirstWay(): FirstWay {
  const [draft, setDraft] = useState<ProxyDraft>(draftOf(null));
  const [found, setFound] = useState<FirstWay['found']>(null);
  return {
    draft,
    found,
    change: (next) => {
      setDraft(next);
      setFound(null);
    },
    take: (use) => {
      const read = readDraft(draft);
      if ('mistake' in read) return setFound(read);
      setFound(null);
      use(read.proxy);
    },
  };
}

/** Offers a proxy for who may not connect directly even once; closed it says what was chosen. */
export function ProxyChoice({ way }: { way: FirstWay }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const { draft, found } = way;
  useEffect(() => {
    if (found !== null) setOpen(true);
  }, [found]);
  return (
    <details open={open} onToggle={(event) => setOpen(event.currentTarget.open)} className="text-ms">
      <summary className="cursor-pointer py-1 text-soft wrap-anywhere hover:text-ink">
        {draft.kind === 'none' || draft.host === ''
          ? t('proxy.choose')
          : t('proxy.chosen', { host: draft.host, port: draft.port })}
      </summary>
      <div className="mt-2 grid gap-3 rounded-m border border-line p-3.5">
        <ProxyFields draft={draft} onDraft={way.change} found={open ? found : null} />
        {draft.kind !== 'none' && <p className="text-soft">{t('proxy.chosenHint')}</p>}
      </div>
    </details>
  );
}
