import { Pencil, Reply, X } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Message } from '../../../engine/connection.ts';
import { IconButton } from '../../../parts/button.tsx';
import { useNameOf } from '../text/use-name-of.ts';
import { usePlainText } from '../text/use-plain-text.ts';

/** What the composer is about, besides new messages. */
export interface Reference {
  readonly kind: 'reply' | 'edit';
  readonly message: Message;
}

/** Says what is being answered or edited, and leads out of it. */
export function ReferenceStrip({ reference, onEnd }: { reference: Reference; onEnd: () => void }) {
  const { t } = useTranslation();
  const { kind, message } = reference;
  const name = useNameOf()(message.author);
  const plain = usePlainText();
  const Icon = kind === 'edit' ? Pencil : Reply;
  return (
    <div className="mb-2 flex items-center gap-2.5 rounded-m bg-accent-soft py-1 ps-3 pe-1 text-ms text-accent">
      <Icon aria-hidden="true" className="size-4 shrink-0" strokeWidth={1.75} />
      <p className="min-w-0 flex-1">
        <bdi className="block font-semibold">
          {kind === 'edit' ? t('composer.editing') : t('composer.replying', { name })}
        </bdi>
        <bdi className="block truncate">{plain(message.body) || t('files.some')}</bdi>
      </p>
      <IconButton
        label={t(kind === 'edit' ? 'composer.endEdit' : 'composer.endReply')}
        onClick={onEnd}
        className="text-current!"
      >
        <X className="size-4" strokeWidth={1.75} />
      </IconButton>
    </div>
  );
}
