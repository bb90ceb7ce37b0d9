import { useTranslation } from 'react-i18next';
import { engine, type Message } from '../../../engine/connection.ts';
import { useCommand } from '../../../engine/use-command.ts';
import { useReasonText } from '../../../engine/use-reason-text.ts';
import { Button } from '../../../parts/button.tsx';
import { Sheet } from '../../../parts/sheet.tsx';

interface DeleteSheetProps {
  readonly message: Message;
  readonly noteToSelf: boolean;
  readonly onClose: () => void;
}

/** Asks how far a deletion should go, and says what it can and cannot do. */
export function DeleteSheet({ message, noteToSelf, onClose }: DeleteSheetProps) {
  const { t } = useTranslation();
  const reasonText = useReasonText();
  const messageId = message.id;
  const here = useCommand(() => engine.messages.deleteHere.mutate({ messageId }), onClose);
  const everywhere = useCommand(() => engine.messages.deleteForEveryone.mutate({ messageId }), onClose);
  const mine = message.direction === 'out' && message.kind === 'message' && !message.deleted;
  const busy = here.running || everywhere.running;
  return (
    <Sheet title={t('deleting.title')} onClose={onClose}>
      <div className="grid gap-4">
        {mine && (
          <section>
            <Button look="danger" className="w-full" disabled={busy} onClick={() => everywhere.run(undefined)}>
              {t(noteToSelf ? 'deleting.allDevices' : 'deleting.everyone')}
            </Button>
            <p className="mt-1.5 text-ms text-soft">
              {t(noteToSelf ? 'deleting.allDevicesText' : 'deleting.everyoneText')}
            </p>
          </section>
        )}
        <section>
          <Button look="danger" className="w-full" disabled={busy} onClick={() => here.run(undefined)}>
            {t('deleting.here')}
          </Button>
          <p className="mt-1.5 text-ms text-soft">{t('deleting.hereText')}</p>
        </section>
        <p role="alert" className="text-ms text-danger">
          {reasonText(here.reason ?? everywhere.reason)}
        </p>
        <Button onClick={onClose}>{t('deleting.keep')}</Button>
      </div>
    </Sheet>
  );
}
