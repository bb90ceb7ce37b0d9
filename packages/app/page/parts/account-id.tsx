import { Check, Copy } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from './button.tsx';

/** An account id in groups of four, easy to compare by eye and selected as a whole. */
export function AccountId({ id }: { id: string }) {
  const groups = [id.slice(0, 2), ...(id.slice(2).match(/.{1,4}/g) ?? [])];
  return (
    <p
      className="select-all rounded-s border border-line bg-sunk px-2.5 py-2 font-mono text-[11.5px] leading-normal text-soft [word-spacing:-.12em]"
      // Groups are for the eye; copying by hand must give the id itself.
      onCopy={(event) => {
        event.preventDefault();
        event.clipboardData.setData('text/plain', id);
      }}
    >
      {groups.join(' ')}
    </p>
  );
}

/** Copies a text and says so for two seconds. */
export function CopyButton({ text, label, className = '' }: { text: string; label: string; className?: string }) {
  const { t } = useTranslation();
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 2_000);
    return () => clearTimeout(timer);
  }, [copied]);
  return (
    <Button
      small
      className={className}
      onClick={() => {
        navigator.clipboard.writeText(text).then(
          () => setCopied(true),
          () => setCopied(false),
        );
      }}
    >
      {copied ? <Check className="size-4" /> : <Copy className="size-4" />}
      <span aria-live="polite">{copied ? t('common.copied') : label}</span>
    </Button>
  );
}
