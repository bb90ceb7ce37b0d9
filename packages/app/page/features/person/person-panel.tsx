import { Archive, ArchiveRestore, Bell, BellOff, FileDown, Images, Pencil, Pin, PinOff, Timer } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Conversation, engine } from '../../engine/connection.ts';
import { useRoute } from '../../engine/queries.ts';
import { useCommand } from '../../engine/use-command.ts';
import { useReasonText } from '../../engine/use-reason-text.ts';
import { AccountId, CopyButton } from '../../parts/account-id.tsx';
import { Avatar } from '../../parts/avatar.tsx';
import { useDuration } from '../../parts/durations.ts';
import { SwitchRow } from '../../parts/switch-row.tsx';
import { ExportSheet } from '../backup/export-sheet.tsx';
import { RouteStops } from '../route/route-stops.tsx';
import { DisappearingSheet } from './disappearing-sheet.tsx';
import { isMuted } from './muted.ts';
import { NicknameSheet } from './nickname-sheet.tsx';
import { NotificationsSheet } from './notifications-sheet.tsx';
import { PanelRow } from './panel-row.tsx';
import { Partings } from './partings.tsx';
import { SharedFilesSheet } from './shared-files-sheet.tsx';

type Above = 'nickname' | 'disappearing' | 'notifications' | 'files' | 'export' | null;

interface PersonPanelProps {
  readonly conversation: Conversation;
  readonly name: string;
  /** The conversation was deleted from here. */
  readonly onGone: () => void;
  /** The thread beside or below went to a message. */
  readonly onJumped: () => void;
}

/** Who a conversation is with, what is set for it, and the way that messages take to them. */
export function PersonPanel({ conversation, name, onGone, onJumped }: PersonPanelProps) {
  const { t } = useTranslation();
  const { id, isNoteToSelf } = conversation;
  const route = useRoute(id);
  const theirs = conversation.name === null ? t('route.anyMailbox') : t('route.mailbox', { name });
  const mailbox = isNoteToSelf ? t('route.ownMailbox') : theirs;
  return (
    <>
      <div className="flex flex-col items-center gap-1 pb-3 text-center">
        <Avatar
          id={id}
          name={conversation.name}
          picture={conversation.pictureVersion}
          noteToSelf={isNoteToSelf}
          size="l"
        />
        <p className="max-w-full text-xl font-[650] tracking-[-.01em] wrap-anywhere">
          <bdi>{name}</bdi>
        </p>
        <p className="max-w-full text-faint wrap-anywhere empty:hidden">
          <UnderName conversation={conversation} />
        </p>
      </div>
      <section aria-label={t('person.id')}>
        <AccountId id={id} />
        <CopyButton text={id} label={t('person.copyId')} className="mt-2 w-full" />
      </section>
      <ConversationSettings conversation={conversation} name={name} onJumped={onJumped} />
      <section aria-label={t('person.partings')} className={isNoteToSelf ? '' : 'mt-2 border-t border-line'}>
        <Partings person={conversation} name={name} onGone={onGone} />
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

/** A nickname hides the name that they gave themselves: it stands here. */
function UnderName({ conversation: { isNoteToSelf, name, nickname, profileName } }: { conversation: Conversation }) {
  const { t } = useTranslation();
  if (isNoteToSelf) return t('thread.noteToSelf');
  if (name === null) return t('person.unnamed');
  return nickname !== null && profileName !== null ? t('person.callsThemselves', { name: profileName }) : null;
}

function ConversationSettings({ conversation, name, onJumped }: Omit<PersonPanelProps, 'onGone'>) {
  const { t } = useTranslation();
  const reasonText = useReasonText();
  const duration = useDuration();
  const [above, setAbove] = useState<Above>(null);
  const { id, isNoteToSelf, isPinned, isArchived, isRequest, disappearing, nickname, notifications } = conversation;
  const muted = isMuted(conversation);
  const pin = useCommand((on: boolean) => engine.conversations.setPinned.mutate({ id, on }));
  const archive = useCommand((on: boolean) => engine.conversations.setArchived.mutate({ id, on }));
  const autoDownload = useCommand((on: boolean) => engine.conversations.setAutoDownload.mutate({ id, on }));
  const close = () => setAbove(null);
  return (
    <section className="pt-4">
      <h2 className="mb-0.5 text-s font-[650] text-faint">{t('person.conversation')}</h2>
      {!isNoteToSelf && (
        <PanelRow
          icon={Pencil}
          label={t('person.nickname')}
          value={nickname ?? t('person.none')}
          onClick={() => setAbove('nickname')}
        />
      )}
      {!isRequest && (
        <PanelRow
          icon={Timer}
          label={t('disappearing.title')}
          value={disappearing === null ? t('person.off') : duration(disappearing.seconds, 'long')}
          onClick={() => setAbove('disappearing')}
        />
      )}
      {!isNoteToSelf && (
        <PanelRow
          icon={muted ? BellOff : Bell}
          label={t('person.notifications')}
          value={muted ? t('person.muted') : t(`person.notifyShort.${notifications}`)}
          onClick={() => setAbove('notifications')}
        />
      )}
      <PanelRow
        icon={isPinned ? PinOff : Pin}
        label={t(isPinned ? 'person.unpin' : 'person.pin')}
        disabled={pin.running}
        onClick={() => pin.run(!isPinned)}
      />
      <PanelRow
        icon={isArchived ? ArchiveRestore : Archive}
        label={t(isArchived ? 'person.unarchive' : 'person.archive')}
        disabled={archive.running}
        onClick={() => archive.run(!isArchived)}
      />
      <PanelRow icon={Images} label={t('sharedFiles.title')} onClick={() => setAbove('files')} />
      <PanelRow icon={FileDown} label={t('person.export')} onClick={() => setAbove('export')} />
      {!isNoteToSelf && (
        <div className="pt-2">
          <SwitchRow
            label={t('person.autoDownload')}
            hint={t('person.autoDownloadHint')}
            on={conversation.autoDownload}
            onChange={autoDownload.run}
          />
        </div>
      )}
      <p role="alert" className="text-ms text-danger empty:hidden">
        {reasonText(pin.reason ?? archive.reason ?? autoDownload.reason)}
      </p>
      {above === 'nickname' && <NicknameSheet person={conversation} onClose={close} />}
      {above === 'disappearing' && <DisappearingSheet conversation={conversation} onClose={close} />}
      {above === 'files' && <SharedFilesSheet conversationId={id} onClose={close} onJumped={onJumped} />}
      {above === 'export' && <ExportSheet conversationId={id} name={name} onClose={close} />}
      {above === 'notifications' && <NotificationsSheet conversation={conversation} onClose={close} />}
    </section>
  );
}
