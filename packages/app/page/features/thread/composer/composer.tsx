import { ArrowUp, Mic, Plus, Smile } from 'lucide-react';
import { type ClipboardEvent, type FormEvent, type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { useTranslation } from 'react-i18next';
import { type Conversation, engine } from '../../../engine/connection.ts';
import { useConnection } from '../../../engine/queries.ts';
import { useReasonText } from '../../../engine/use-reason-text.ts';
import { IconButton } from '../../../parts/button.tsx';
import { Popup } from '../../../parts/popup.tsx';
import { EmojiPicker } from '../../emoji/emoji-picker.tsx';
import type { Mentionable } from '../text/mentions.ts';
import { useDraft } from './drafts.ts';
import { LinkPreviewOffer } from './link-preview-offer.tsx';
import { MentionPicker } from './mention-picker.tsx';
import { RecorderBar } from './recorder-bar.tsx';
import { type Reference, ReferenceStrip } from './reference-strip.tsx';
import { isTooLarge, preparedOf, useTray } from './tray.ts';
import { TrayStrip } from './tray-strip.tsx';
import { useEditedText } from './use-edited-text.ts';
import { useGrowing } from './use-growing.ts';
import { useMention } from './use-mention.ts';
import { usePreview } from './use-preview.ts';
import { type Recording, useRecorder } from './use-recorder.ts';
import { useSending } from './use-sending.ts';

/** Code points of a message (messages §6). */
const MOST = 2_000;
const COUNT_FROM = 1_800;
/** Others hear that we write at most this often. */
const TYPING_EVERY_MS = 3_000;

interface ComposerProps {
  readonly conversation: Conversation;
  readonly name: string;
  /** Who can be mentioned, the other side first. */
  readonly people: readonly Mentionable[];
  readonly reference: Reference | null;
  readonly onReferenceEnd: () => void;
  /** The arrow key in an empty box. */
  readonly onEditLast: () => void;
  readonly onSent: () => void;
}

/** Where one writes. Enter sends, Shift+Enter begins a new line. */
export function Composer(props: ComposerProps) {
  const { conversation, name, people, reference, onReferenceEnd, onEditLast, onSent } = props;
  const { id: conversationId, isNoteToSelf: noteToSelf } = conversation;
  const { t } = useTranslation();
  const reasonText = useReasonText();
  const listId = useId();
  const box = useRef<HTMLTextAreaElement>(null);
  const picker = useRef<HTMLInputElement>(null);
  const draft = useDraft(conversationId, conversation.draft, people);
  const { tray, state: waiting } = useTray(conversationId);
  const recorder = useRecorder();
  const sending = useSending(conversationId, onSent);
  const [emojiAt, setEmojiAt] = useState<{ x: number; y: number } | null>(null);
  const mention = useMention(people);
  const typed = useRef(0);
  const connected = useConnection() === 'open';
  const editing = reference?.kind === 'edit' ? reference.message : null;
  const edited = useEditedText(editing, people);
  const text = editing === null ? draft.text : edited.text;
  const preview = usePreview(editing === null ? text : '');
  useGrowing(box, text);
  const { isRequest } = conversation;
  const recording = recorder.state.kind !== 'idle' && recorder.state.kind !== 'refused';
  // The button that accepts and the bar of a recording go when they were pressed: one goes on writing.
  // biome-ignore lint/correctness/useExhaustiveDependencies: these take the focus with them
  useEffect(() => {
    if (document.activeElement === document.body) box.current?.focus();
  }, [isRequest, recording]);
  useEffect(() => box.current?.focus(), []);
  const referenceKey = reference && `${reference.kind} ${reference.message.id}`;
  useEffect(() => {
    if (referenceKey !== null) box.current?.focus();
  }, [referenceKey]);

  const write = (next: string, cursor: number) => {
    (editing === null ? draft : edited).write(next);
    mention.look(next, cursor);
    if (editing !== null || Date.now() - typed.current < TYPING_EVERY_MS) return;
    typed.current = Date.now();
    engine.conversations.noteTyping.mutate({ id: conversationId }).catch(() => {});
  };
  const insert = (start: number, end: number, piece: string) => {
    const cursor = start + piece.length;
    // At once: a frame later the next key may have been pressed already.
    flushSync(() => write(text.slice(0, start) + piece + text.slice(end), cursor));
    box.current?.focus();
    box.current?.setSelectionRange(cursor, cursor);
  };
  const pickMention = (person: Mentionable) => {
    const { typing } = mention;
    if (typing === null) return;
    (editing === null ? draft : edited).pick(person);
    insert(typing.start, typing.start + typing.typed.length + 1, `@${person.name} `);
    mention.close();
  };

  const body = (editing === null ? draft : edited).asSent(text);
  const left = MOST - [...body].length;
  const filesReady = preparedOf(waiting).length === waiting.files.length && !waiting.files.some(isTooLarge);
  const hasFiles = editing === null && waiting.files.length > 0;
  const sendable =
    (body.trim() !== '' || hasFiles) && left >= 0 && connected && (!hasFiles || filesReady) && !sending.sending;
  const about = {
    body,
    ...(reference?.kind === 'reply' ? { quotedMessageId: reference.message.id } : {}),
    ...(preview.made === null ? {} : { preview: preview.made }),
  };

  const submit = (event?: FormEvent) => {
    event?.preventDefault();
    if (!sendable) return;
    mention.close();
    if (editing !== null) return sending.saveEdit(editing.id, body, onReferenceEnd);
    // What is written and added from now on belongs to the next message.
    draft.clear();
    onReferenceEnd();
    const onRefused = () => draft.putBack(body);
    if (!hasFiles) return sending.sendText(about, onRefused);
    const onTaken = () => {
      for (const { id } of waiting.files) tray.remove(id);
    };
    void sending.sendFiles(preparedOf(waiting), about, onTaken, onRefused);
  };
  const sendRecording = ({ blob }: Recording) => {
    const extension = blob.type.slice('audio/'.length).replace('mp4', 'm4a');
    const file = { blob, contentType: blob.type, fileName: `voice.${extension}`, isVoiceMessage: true };
    void sending.sendFiles([file], { ...about, body: '' }, () => {
      recorder.discard();
      onReferenceEnd();
    });
  };

  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.nativeEvent.isComposing || mention.onKeyDown(event, pickMention)) return;
    if (event.key === 'Escape' && reference !== null) {
      event.preventDefault();
      onReferenceEnd();
    }
    if (event.key === 'ArrowUp' && text === '' && reference === null) {
      event.preventDefault();
      onEditLast();
    }
    if (event.key !== 'Enter' || event.shiftKey) return;
    event.preventDefault();
    submit();
  };
  const onPaste = (event: ClipboardEvent) => {
    const files = [...event.clipboardData.files];
    if (files.length === 0 || editing !== null) return;
    event.preventDefault();
    tray.add(files);
  };

  const named = conversation.name !== null;
  const hintForPerson = named ? t('composer.placeholder', { name }) : t('composer.placeholderUnnamed');
  const hint = noteToSelf ? t('composer.placeholderSelf') : hintForPerson;
  return (
    <form onSubmit={submit} className="border-t border-line bg-surface px-6 pt-3 pb-4 narrow:px-3 narrow:pb-3">
      {reference !== null && <ReferenceStrip reference={reference} onEnd={onReferenceEnd} />}
      {editing === null && <TrayStrip tray={tray} state={waiting} />}
      <LinkPreviewOffer preview={preview} onAnswered={() => box.current?.focus()} />
      {recording ? (
        <RecorderBar
          state={recorder.state}
          onStop={recorder.stop}
          onDiscard={recorder.discard}
          onSend={sendRecording}
        />
      ) : (
        <div className="flex items-end gap-2">
          {editing === null && (
            <>
              <input
                ref={picker}
                type="file"
                multiple
                hidden
                aria-label={t('composer.attach')}
                onChange={({ target }) => {
                  tray.add([...(target.files ?? [])]);
                  target.value = '';
                  box.current?.focus();
                }}
              />
              <IconButton label={t('composer.attach')} className="mb-0.5" onClick={() => picker.current?.click()}>
                <Plus className="size-5" strokeWidth={1.75} />
              </IconButton>
            </>
          )}
          <div className="relative min-w-0 flex-1">
            {mention.found.length > 0 && (
              <MentionPicker id={listId} people={mention.found} at={mention.at} onPick={pickMention} />
            )}
            <textarea
              ref={box}
              rows={1}
              dir="auto"
              aria-label={noteToSelf ? t('composer.placeholderSelf') : t('composer.label', { name })}
              aria-autocomplete="list"
              aria-controls={mention.found.length > 0 ? listId : undefined}
              aria-activedescendant={mention.found.length > 0 ? `${listId}-${mention.at}` : undefined}
              placeholder={hint}
              value={text}
              onChange={({ target }) => write(target.value, target.selectionStart)}
              onKeyDown={onKeyDown}
              onPaste={onPaste}
              onBlur={mention.close}
              className="block max-h-[min(240px,40dvh)] w-full resize-none rounded-[20px] placeholder:truncate border border-line bg-sunk py-[9px] ps-3.5 pe-11 outline-none transition-shadow focus:border-accent focus:shadow-[0_0_0_3px_var(--accent-soft)]"
            />
            <IconButton
              label={t('composer.emoji')}
              aria-haspopup="dialog"
              className="absolute end-1 bottom-0.5"
              onClick={({ currentTarget }) => {
                const { left, top } = currentTarget.getBoundingClientRect();
                setEmojiAt({ x: left, y: top });
              }}
            >
              <Smile className="size-5" strokeWidth={1.75} />
            </IconButton>
          </div>
          {text.trim() === '' && !hasFiles && editing === null ? (
            <IconButton
              label={t('voice.record')}
              solid
              className="mb-px size-10!"
              disabled={!connected}
              onClick={recorder.start}
            >
              <Mic className="size-5" strokeWidth={1.75} />
            </IconButton>
          ) : (
            <IconButton
              label={t(editing === null ? 'composer.send' : 'composer.saveEdit')}
              type="submit"
              solid
              disabled={!sendable}
              className="mb-px size-10!"
            >
              <ArrowUp className="size-5" strokeWidth={2} />
            </IconButton>
          )}
        </div>
      )}
      <p role="status" className={`text-s ${left < 0 ? 'text-danger' : 'text-faint'}`}>
        {left < 0 && <span className="mt-1.5 block">{t('composer.over', { count: -left })}</span>}
        {left >= 0 && left <= MOST - COUNT_FROM && (
          <span className="mt-1.5 block">{t('composer.left', { count: left })}</span>
        )}
      </p>
      <p role="alert" className="text-s text-danger">
        {sending.reason !== null && <span className="mt-1.5 block">{reasonText(sending.reason)}</span>}
        {recorder.state.kind === 'refused' && <span className="mt-1.5 block">{t('voice.refused')}</span>}
      </p>
      {emojiAt !== null && (
        <Popup label={t('composer.emoji')} place={emojiAt} onClose={() => setEmojiAt(null)}>
          <EmojiPicker
            onPick={(emoji) => {
              setEmojiAt(null);
              insert(box.current?.selectionStart ?? text.length, box.current?.selectionEnd ?? text.length, emoji);
            }}
          />
        </Popup>
      )}
    </form>
  );
}
