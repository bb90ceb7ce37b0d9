import { useTranslation } from 'react-i18next';
import type { Attachment } from '../../../engine/connection.ts';
import { kindOf } from './attachment-kind.ts';
import { safeName } from './file-name.ts';

/** What to call a file in a sentence: its name, else what it is. */
export function useFileName(): (attachment: Attachment) => string {
  const { t } = useTranslation();
  return (attachment) =>
    attachment.fileName === null ? t(`files.kind.${kindOf(attachment)}`) : safeName(attachment.fileName);
}
