import { useTranslation } from 'react-i18next';
import type { Conversation } from '../../engine/connection.ts';
import { useRoute } from '../../engine/queries.ts';
import { AccountId, CopyButton } from '../../parts/account-id.tsx';
import { Avatar } from '../../parts/avatar.tsx';
import { RouteStops } from '../route/route-stops.tsx';

/** Who a conversation is with, and the way that messages take to them. */
export function PersonPanel({ conversation, name }: { conversation: Conversation; name: string }) {
  const { t } = useTranslation();
  const { id, isNoteToSelf } = conversation;
  const route = useRoute(id);
  const theirs = conversation.name === null ? t('route.anyMailbox') : t('route.mailbox', { name });
  const mailbox = isNoteToSelf ? t('route.ownMailbox') : theirs;
  return (
    <>
      <div className="flex flex-col items-center gap-1.5 pb-4 text-center">
        <Avatar id={id} name={conversation.name} noteToSelf={isNoteToSelf} size="l" />
        <p className="max-w-full text-xl font-[650] tracking-[-.01em] wrap-anywhere">
          <bdi>{name}</bdi>
        </p>
        {isNoteToSelf ? (
          <p className="text-faint">{t('thread.noteToSelf')}</p>
        ) : (
          conversation.name === null && <p className="text-faint">{t('person.unnamed')}</p>
        )}
      </div>
      <section aria-label={t('person.id')}>
        <AccountId id={id} />
        <CopyButton text={id} label={t('person.copyId')} className="mt-2 w-full" />
      </section>
      {route !== undefined && (
        <section className="pt-5">
          <h2 className="mb-3 text-s font-[650] text-faint">{t('person.travel')}</h2>
          <RouteStops route={route} mailbox={mailbox} copies={route.mailboxCopies} />
          {route.oneSite && <p className="mt-4 text-ms text-soft">{t('route.oneSite')}</p>}
        </section>
      )}
    </>
  );
}
