import { Camera, Check, ImageUp } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { engine } from '../../engine/connection.ts';
import { useAccount } from '../../engine/queries.ts';
import { useCommand } from '../../engine/use-command.ts';
import { useReasonText } from '../../engine/use-reason-text.ts';
import { Button } from '../../parts/button.tsx';
import { Area } from '../../parts/field.tsx';
import { Sheet } from '../../parts/sheet.tsx';
import { cleanId, idProblem } from './account-id-input.ts';
import { QrCamera } from './qr-camera.tsx';
import { readQrImage } from './read-qr.ts';

interface NewConversationProps {
  readonly onOpened: (conversationId: string) => void;
  readonly onClose: () => void;
}

/** Opens a conversation by account id: typed, pasted, or read from a QR code. */
export function NewConversation({ onOpened, onClose }: NewConversationProps) {
  const { t } = useTranslation();
  const reasonText = useReasonText();
  const ownId = useAccount()?.accountId;
  const [text, setText] = useState('');
  const [left, setLeft] = useState(false);
  const [scanning, setScanning] = useState(false);
  const [qrProblem, setQrProblem] = useState<'noCode' | 'notAnId' | 'noCamera' | null>(null);
  const open = useCommand(
    (accountId: string) => engine.conversations.open.mutate({ accountId }),
    (conversation) => onOpened(conversation.id),
  );
  const id = cleanId(text);
  const problem = idProblem(id);
  // Too short is no mistake while one is still typing.
  const shownProblem = id !== '' && (problem !== 'length' || left || id.length > 66) ? problem : null;
  const write = (next: string) => {
    setText(next);
    setLeft(false);
    setQrProblem(null);
    open.forget();
  };
  const take = (scanned: string | null) => {
    setScanning(false);
    if (scanned === null) return setQrProblem('noCode');
    if (idProblem(cleanId(scanned)) !== null) return setQrProblem('notAnId');
    write(cleanId(scanned));
  };
  const giveUpCamera = () => {
    setScanning(false);
    setQrProblem('noCamera');
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setLeft(true);
    if (problem === null) open.run(id);
  };
  return (
    <Sheet title={t('newConversation.title')} onClose={onClose}>
      <form onSubmit={submit} className="grid gap-3">
        <p className="text-soft">{t('newConversation.text')}</p>
        <Area
          label={t('newConversation.id')}
          placeholder={t('newConversation.placeholder')}
          value={text}
          onChange={(event) => write(event.target.value)}
          onBlur={() => setLeft(true)}
          onKeyDown={(event) => {
            if (event.key === 'Enter') submit(event);
          }}
          rows={2}
          autoFocus
          autoComplete="off"
          autoCapitalize="none"
          autoCorrect="off"
          spellCheck={false}
          maxLength={200}
          className="font-mono text-ms leading-relaxed"
          problem={
            shownProblem !== null
              ? t(`newConversation.problem.${shownProblem}`, { count: id.length })
              : reasonText(open.reason)
          }
        />
        <p role="status" className="flex items-center gap-1.5 text-ms text-accent empty:hidden">
          {problem === null && (
            <>
              <Check aria-hidden="true" className="size-4" strokeWidth={2} />
              {t(id === ownId ? 'newConversation.own' : 'newConversation.valid')}
            </>
          )}
        </p>
        {scanning && <QrCamera onRead={take} onFailed={giveUpCamera} />}
        <div className="grid grid-cols-2 gap-2 max-[420px]:grid-cols-1">
          <Button
            small
            onClick={() => {
              setQrProblem(null);
              setScanning(!scanning);
            }}
          >
            <Camera aria-hidden="true" className="size-4" strokeWidth={1.75} />
            {t(scanning ? 'newConversation.stopScan' : 'newConversation.scan')}
          </Button>
          <ImageButton onImage={(file) => void readQrImage(file).then(take)} />
        </div>
        <p role="alert" className="text-ms text-danger empty:hidden">
          {qrProblem !== null && t(`newConversation.${qrProblem}`)}
        </p>
        <Button type="submit" look="primary" disabled={problem !== null || open.running}>
          {t('newConversation.start')}
        </Button>
      </form>
    </Sheet>
  );
}

function ImageButton({ onImage }: { onImage: (file: File) => void }) {
  const { t } = useTranslation();
  return (
    <label className="inline-flex cursor-pointer items-center justify-center gap-2 rounded-m border border-line px-3.5 py-1.5 text-ms font-semibold transition hover:bg-sunk has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent">
      <ImageUp aria-hidden="true" className="size-4" strokeWidth={1.75} />
      {t('newConversation.image')}
      <input
        type="file"
        accept="image/*"
        className="sr-only"
        onChange={(event) => {
          const file = event.target.files?.[0];
          if (file !== undefined) onImage(file);
          event.target.value = '';
        }}
      />
    </label>
  );
}
