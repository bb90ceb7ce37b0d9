import { useState } from 'react';
import { engine, reasonOf } from '../../../engine/connection.ts';
import { keepFile } from '../../../engine/files.ts';

/** A file as a message carries it. */
export interface OutgoingFile {
  readonly blob: Blob;
  readonly contentType: string;
  readonly fileName: string;
  readonly width?: number;
  readonly height?: number;
  readonly isVoiceMessage?: boolean;
}

type Draft = Parameters<typeof engine.messages.send.mutate>[0]['draft'];

/** Ways to give the engine what was written; `reason` is why the last one failed, `sending` whether files are given. */
export function useSending(conversationId: string, onSent: () => void) {
  const [reason, setReason] = useState<string | null>(null);
  const [sending, setSending] = useState(false);
  const failed = (error: unknown) => setReason(reasonOf(error));
  return {
    reason,
    sending,
    saveEdit: (messageId: string, body: string, onSaved: () => void) => {
      setReason(null);
      engine.messages.edit.mutate({ messageId, body }).then(onSaved, failed);
    },
    sendText: (draft: Draft, onRefused: () => void) => {
      setReason(null);
      // The next message need not wait for this one: the engine takes them in order.
      engine.messages.send.mutate({ conversationId, draft }).then(onSent, (error: unknown) => {
        onRefused();
        failed(error);
      });
    },
    /** Gives the files first, and the message that carries them once they are all kept. */
    sendFiles: async (
      files: readonly OutgoingFile[],
      draft: Draft,
      onTaken: () => void,
      onRefused: () => void = () => {},
    ) => {
      setReason(null);
      setSending(true);
      try {
        const attachments: NonNullable<Draft['attachments']> = [];
        for (const { blob, ...about } of files) attachments.push({ ...about, file: await keepFile(blob) });
        await engine.messages.send.mutate({ conversationId, draft: { ...draft, attachments } });
        onTaken();
        onSent();
      } catch (error) {
        onRefused();
        failed(error);
      } finally {
        setSending(false);
      }
    },
  };
}
