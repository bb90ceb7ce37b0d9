import { useTranslation } from 'react-i18next';
import type { Attachment } from '../../../engine/connection.ts';
import { kindOf } from './attachment-kind.ts';
import { safeName } from './file-name.ts';

/** What to call a file in a sentence: its name, else what it is. A voice message is named by a program, not by a person. */
export function useFileName(): (attachment: Attachment) => string {
  const { t } = useTranslation();
  return (attachment) => {
    const kind = kindOf(attachment);
    return attachment.fileName === null || kind === 'voice' ? t(`files.kind.${kind}`) : safeName(attachment.fileName);
  };
}
