import { ArrowUp } from 'lucide-react';
import { type FormEvent, type KeyboardEvent, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { engine, reasonOf } from '../../engine/connection.ts';
import { useConnection } from '../../engine/queries.ts';
import { useReasonText } from '../../engine/use-reason-text.ts';
import { IconButton } from '../../parts/button.tsx';

/** Code points of a message (messages §6). */
const MOST = 2_000;
const COUNT_FROM = 1_800;

/** What was written and not sent, by conversation, as long as the window is open. */
const drafts = new Map<string, string>();

interface ComposerProps {
  readonly conversationId: string;
  readonly name: string;
  /** Whether `name` is a name and not part of an id. */
  readonly named: boolean;
  readonly noteToSelf: boolean;
  readonly onSent: () => void;
}

/** Where one writes. Enter sends, Shift+Enter begins a new line. */
export function Composer({ conversationId, name, named, noteToSelf, onSent }: ComposerProps) {
  const { t } = useTranslation();
  const reasonText = useReasonText();
  const box = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useState(() => drafts.get(conversationId) ?? '');
  const [reason, setReason] = useState<string | null>(null);
  const connected = useConnection() === 'open';
  const write = (next: string) => {
    setText(next);
    if (next === '') drafts.delete(conversationId);
    else drafts.set(conversationId, next);
  };
  useEffect(() => box.current?.focus(), []);
  useLayoutEffect(() => {
    // Grows with its text up to the height that the styles allow.
    const area = box.current;
    const form = area?.form;
    if (area === null || !form) return;
    // While it is measured nothing around it moves: that would scroll the messages away from their end.
    form.style.height = `${form.offsetHeight}px`;
    area.style.height = 'auto';
    const border = area.offsetHeight - area.clientHeight;
    if (text !== '') area.style.height = `${area.scrollHeight + border}px`;
    form.style.height = '';
  }, [text]);
  const hintForPerson = named ? t('composer.placeholder', { name }) : t('composer.placeholderUnnamed');
  const hint = noteToSelf ? t('composer.placeholderSelf') : hintForPerson;
  const left = MOST - [...text].length;
  const sendable = text.trim() !== '' && left >= 0 && connected;
  const submit = (event?: FormEvent) => {
    event?.preventDefault();
    if (!sendable) return;
    write('');
    setReason(null);
    // The next message need not wait for this one: the engine takes them in order.
    engine.messages.send.mutate({ conversationId, body: text }).then(onSent, (error: unknown) => {
      const since = drafts.get(conversationId);
      write(since === undefined ? text : `${text}\n${since}`);
      setReason(reasonOf(error));
    });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    submit();
  };
  return (
    <form onSubmit={submit} className="border-t border-line bg-surface px-6 pt-3 pb-4 narrow:px-3 narrow:pb-3">
      <div className="flex items-end gap-2">
        <textarea
          ref={box}
          rows={1}
          dir="auto"
          aria-label={noteToSelf ? t('composer.placeholderSelf') : t('composer.label', { name })}
          placeholder={hint}
          value={text}
          onChange={(event) => write(event.target.value)}
          onKeyDown={onKeyDown}
          className="max-h-[min(240px,40dvh)] min-w-0 flex-1 resize-none rounded-[20px] placeholder:truncate border border-line bg-sunk px-3.5 py-[9px] outline-none transition-shadow focus:border-accent focus:shadow-[0_0_0_3px_var(--accent-soft)]"
        />
        <IconButton label={t('composer.send')} type="submit" solid disabled={!sendable} className="mb-px size-10!">
          <ArrowUp className="size-5" strokeWidth={2} />
        </IconButton>
      </div>
      <p role="status" className={`text-s ${left < 0 ? 'text-danger' : 'text-faint'}`}>
        {left < 0 && <span className="mt-1.5 block">{t('composer.over', { count: -left })}</span>}
        {left >= 0 && left <= MOST - COUNT_FROM && (
          <span className="mt-1.5 block">{t('composer.left', { count: left })}</span>
        )}
      </p>
      <p role="alert" className="text-s text-danger">
        {reason !== null && <span className="mt-1.5 block">{reasonText(reason)}</span>}
      </p>
    </form>
  );
}
