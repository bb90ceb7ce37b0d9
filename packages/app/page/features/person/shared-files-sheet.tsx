import { useQuery } from '@tanstack/react-query';
import { File as FileIcon } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { type Attachment, engine } from '../../engine/connection.ts';
import { Sheet } from '../../parts/sheet.tsx';
import { sizeOf } from '../../parts/sizes.ts';
import { shortDate } from '../../parts/times.ts';
import { kindOf } from '../thread/files/attachment-kind.ts';
import { StoredPicture } from '../thread/files/stored-picture.tsx';
import { useFileName } from '../thread/files/use-file-name.ts';
import { useThreadActions } from '../thread/thread-actions.ts';

const MOST_MESSAGES = 200;

interface Shared {
  readonly messageId: string;
  readonly sentAt: number;
  readonly attachment: Attachment;
}

interface SharedFilesSheetProps {
  readonly conversationId: string;
  readonly onClose: () => void;
  /** The thread went to the message of a file. */
  readonly onJumped: () => void;
}

/** Pictures and files of a conversation, newest first; each leads to its message. */
export function SharedFilesSheet({ conversationId, onClose, onJumped }: SharedFilesSheetProps) {
  const { t } = useTranslation();
  const { jump } = useThreadActions();
  const found = useSharedFiles(conversationId);
  const pictures = found?.filter(({ attachment }) => kindOf(attachment) === 'picture' && attachment.state === 'here');
  const files = found?.filter((shared) => !pictures?.includes(shared));
  const open = ({ messageId }: Shared) => {
    onJumped();
    jump(messageId);
  };
  return (
    <Sheet title={t('sharedFiles.title')} onClose={onClose}>
      {found?.length === 0 && <p className="py-4 text-center text-soft">{t('sharedFiles.none')}</p>}
      {pictures !== undefined && pictures.length > 0 && (
        <ul className="mb-4 grid grid-cols-3 gap-1.5">
          {pictures.map((shared) => (
            <li key={shared.attachment.id}>
              <PictureButton shared={shared} onClick={() => open(shared)} />
            </li>
          ))}
        </ul>
      )}
      {files !== undefined && files.length > 0 && (
        <ul>
          {files.map((shared) => (
            <li key={shared.attachment.id} className="border-b border-line last:border-0">
              <FileButton shared={shared} onClick={() => open(shared)} />
            </li>
          ))}
        </ul>
      )}
    </Sheet>
  );
}

function PictureButton({ shared: { attachment, sentAt }, onClick }: { shared: Shared; onClick: () => void }) {
  const { t, i18n } = useTranslation();
  const fileName = useFileName();
  const label = t('sharedFiles.show', { name: fileName(attachment), day: shortDate(sentAt, i18n.language) });
  return (
    <button type="button" aria-label={label} onClick={onClick} className="block w-full overflow-hidden rounded-s">
      <StoredPicture attachment={attachment} alt="" className="aspect-square w-full object-cover" />
    </button>
  );
}

function FileButton({ shared: { attachment, sentAt }, onClick }: { shared: Shared; onClick: () => void }) {
  const { i18n } = useTranslation();
  const fileName = useFileName();
  return (
    <button
      type="button"
      onClick={onClick}
      className="flex w-full items-center gap-3 rounded-s py-2.5 text-left transition-colors hover:bg-sunk"
    >
      <FileIcon aria-hidden="true" className="size-5 shrink-0 text-soft" strokeWidth={1.75} />
      <span className="min-w-0 flex-1">
        <bdi className="block truncate">{fileName(attachment)}</bdi>
        <span className="block text-ms text-faint">
          {sizeOf(attachment.size, i18n.language)} · {shortDate(sentAt, i18n.language)}
        </span>
      </span>
    </button>
  );
}

function useSharedFiles(conversationId: string): readonly Shared[] | undefined {
  const hits = useQuery({
    queryKey: ['shared-files', conversationId],
    queryFn: () =>
      engine.messages.search.query({ text: '', conversationId, hasAttachment: true, limit: MOST_MESSAGES }),
    gcTime: 0,
  }).data;
  return hits?.flatMap(({ message: { id, sentAt, attachments } }) =>
    attachments.map((attachment) => ({ messageId: id, sentAt, attachment })),
  );
}
